import { LockManager } from 'bullmq';

/** A lock this young is not renewed: its job may end meanwhile, and the renewal would then report it as lost. */
const FRESH_LOCK_MS = 1_000;

/**
 * The locks of the jobs that run here. BullMQ compares the date with the time by Redis's clock at which a job began, so
 * it stops renewing when the date is set back. Here `ts` is when a lock was taken or last renewed, by the monotonic clock.
 */
export class JobLocks extends LockManager {
  override start(): void {
    if (this.closed) return;
    const intervalMs = this.opts.lockRenewTime / 2;
    this.lockRenewalTimer = setTimeout(async () => {
      await this.#renew(intervalMs);
      this.start();
    }, intervalMs);
  }

  override trackJob(id: string, token: string, _startedAtMs?: number, hasSignal?: boolean) {
    return super.trackJob(id, token, performance.now(), hasSignal);
  }

  /** For a lock that was taken a while ago: it is renewed at the next chance. */
  trackAgain(id: string, token: string): void {
    super.trackJob(id, token, performance.now() - this.opts.lockRenewTime / 2);
  }

  renewAll(): Promise<void> {
    return this.#renew(FRESH_LOCK_MS);
  }

  /** Never rejects: BullMQ reports lost locks and errors by events. */
  async #renew(minAgeMs: number): Promise<void> {
    const now = performance.now();
    const due = [...this.trackedJobs].filter(([, { ts }]) => ts + minAgeMs <= now);
    for (const [, job] of due) job.ts = now;
    if (due.length > 0) await this.extendLocks(due.map(([id]) => id));
  }
}

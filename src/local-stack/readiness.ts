import { setTimeout as sleep } from 'node:timers/promises';
import { notReady } from './errors.ts';

export interface Wait {
  readonly name: string;
  readonly limitMs: number;
  /** Ends the wait early; its reason is thrown. */
  readonly signal: AbortSignal;
  /** Told every ten seconds why it still waits. */
  readonly onWaiting: (text: string) => void;
}

/** Returns why it is not ready yet; undefined when it is. May throw, which is a reason as well. */
export type Check = () => Promise<string | undefined>;

const INTERVAL_MS = 50;
const REPORT_INTERVAL_MS = 10_000;

/** Asks until `check` finds it ready. Throws ASDLC_NOT_READY with the last reason after `limitMs`. */
export async function waitUntilReady(
  check: Check,
  { name, limitMs, signal, onWaiting }: Wait,
): Promise<void> {
  const startedAt = performance.now();
  let reportAt = startedAt + REPORT_INTERVAL_MS;
  for (;;) {
    signal.throwIfAborted();
    const reason = await check().catch(describeFailure);
    signal.throwIfAborted();
    if (reason === undefined) return;
    const now = performance.now();
    if (now - startedAt > limitMs) {
      throw notReady(`${name} was not ready within ${limitMs / 1000} s: ${reason}`);
    }
    if (now > reportAt) {
      reportAt = now + REPORT_INTERVAL_MS;
      onWaiting(`  still waiting for ${name}: ${reason}`);
    }
    await sleep(INTERVAL_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** Its message, with that of its cause: fetch says only "fetch failed". */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  const code = (cause as { code?: unknown } | undefined)?.code; // what the system's errors carry
  if (cause === undefined) return error.message;
  return `${error.message} (${code ?? (cause instanceof Error ? cause.message : String(cause))})`;
}

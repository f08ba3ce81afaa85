import { isUtf8 } from 'node:buffer';
import type { RedisQueueBackend } from 'bullmq';
import { readableJob } from '../../shared/queue/bullmq-damage.ts';
import { GUARDED_SCRIPTS, type RemovedEntry, readGuarded } from '../../shared/queue/bullmq-guard.ts';
import { NEXT_JOB_SCRIPTS } from '../../shared/queue/bullmq-schema.ts';

type Backend = Pick<RedisQueueBackend, 'execCommand'>;

export interface ReadSoundJobsOptions {
  readonly onRemovedEntry: (entry: RemovedEntry) => void;
  /** Called with each job's id and fields, as Redis has them: names and values in turn. */
  readonly onFetched: (id: string, pairs: readonly string[]) => void;
  /** Reads the data of a job as Redis has them. */
  readonly readData: (id: string) => Promise<Buffer | null>;
}

/**
 * BullMQ's worker loses a fetched job that it cannot read. Here each fetched job is made readable first, and a damaged
 * one gets the reason for which it ends dead.
 */
export function readSoundJobs(
  backend: Backend,
  { onRemovedEntry, onFetched, readData }: ReadSoundJobsOptions,
): void {
  /** ioredis replaces what is not UTF-8. Without this check a handler would get another payload. */
  const damageOfBytes = async (id: string, pairs: readonly string[]) => {
    const data = pairs[pairs.findIndex((text, i) => i % 2 === 0 && text === 'data') + 1];
    if (data === undefined || !data.includes('\uFFFD')) return undefined;
    const bytes = await readData(id).catch(() => null);
    return bytes === null || isUtf8(bytes) ? undefined : 'data: expected UTF-8; got other bytes';
  };

  const execute = backend.execCommand.bind(backend);
  backend.execCommand = (client, name, args) => {
    const sent: unknown = execute(client, name, args);
    if (!GUARDED_SCRIPTS.has(name)) return sent;
    return Promise.resolve(sent).then(async (guarded) => {
      const { reply, removed } = readGuarded(guarded);
      for (const entry of removed) onRemovedEntry(entry);
      if (!NEXT_JOB_SCRIPTS.has(name) || !Array.isArray(reply) || !Array.isArray(reply[0])) return reply;
      const [pairs, id] = [reply[0], String(reply[1])];
      const damage = await damageOfBytes(id, pairs);
      onFetched(id, pairs);
      return reply.with(0, readableJob(pairs, damage));
    });
  };
}

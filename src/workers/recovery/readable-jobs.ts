import { isUtf8 } from 'node:buffer';
import type { RedisQueueBackend } from 'bullmq';
import { readableJob } from '../../shared/queue/bullmq-damage.ts';
import { GUARDED_SCRIPTS, type RemovedEntry, readGuarded } from '../../shared/queue/bullmq-guard.ts';
import { NEXT_JOB_SCRIPTS } from '../../shared/queue/bullmq-schema.ts';

type Backend = Pick<RedisQueueBackend, 'execCommand'>;

/** Makes the job readable that a script's reply may have. A promise only where it must ask Redis. */
export type ReadReply = (reply: unknown) => unknown;

export interface ReplyReaderOptions {
  /** Called with each job's id and fields, as Redis has them: names and values in turn. */
  readonly onFetched: (id: string, pairs: readonly string[]) => void;
  /** Reads the data of a job as Redis has them. */
  readonly readData: (id: string) => Promise<Buffer | null>;
}

/**
 * BullMQ's worker loses a fetched job that it cannot read. Here each fetched job is made readable first, and a damaged
 * one gets the reason for which it ends dead.
 */
export function createReplyReader({ onFetched, readData }: ReplyReaderOptions): ReadReply {
  const damageOfBytes = async (id: string) => {
    const bytes = await readData(id).catch(() => null);
    return bytes === null || isUtf8(bytes) ? undefined : 'data: expected UTF-8; got other bytes';
  };
  return (reply) => {
    if (!Array.isArray(reply) || !Array.isArray(reply[0])) return reply;
    const [pairs, id] = [reply[0] as string[], String(reply[1])];
    const readable = (damage?: string) => {
      onFetched(id, pairs);
      return reply.with(0, readableJob(pairs, damage));
    };
    return mayHaveOtherBytes(pairs) ? damageOfBytes(id).then(readable) : readable();
  };
}

/** ioredis replaces what is not UTF-8. Without this check a handler would get another payload. */
function mayHaveOtherBytes(pairs: readonly string[]): boolean {
  for (let i = 0; i < pairs.length; i += 2) {
    if (pairs[i] === 'data') return pairs[i + 1]?.includes('\uFFFD') ?? false;
  }
  return false;
}

export interface ReadSoundJobsOptions {
  readonly onRemovedEntry: (entry: RemovedEntry) => void;
  readonly read: ReadReply;
}

/** Takes the replies of guarded scripts apart, and makes their jobs readable. */
export function readSoundJobs(backend: Backend, { onRemovedEntry, read }: ReadSoundJobsOptions): void {
  const execute = backend.execCommand.bind(backend);
  backend.execCommand = (client, name, args) => {
    const sent: unknown = execute(client, name, args);
    if (!GUARDED_SCRIPTS.has(name)) return sent;
    return Promise.resolve(sent).then((guarded) => {
      const { reply, removed } = readGuarded(guarded);
      for (const entry of removed) onRemovedEntry(entry);
      return NEXT_JOB_SCRIPTS.has(name) ? read(reply) : reply;
    });
  };
}

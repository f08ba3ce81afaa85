import type { Redis } from 'ioredis';
import { PROCESSED_BY } from './bullmq-fields.ts';
import type { KeyOf } from './bullmq-schema.ts';
import { createScript } from './script.ts';

/*
 * What happened to a job: two fields of its hash, which are asdlc's own. So whatever removes the job removes them, also an
 * older version. Each has one line of JSON an entry, oldest first. BullMQ stores a failed attempt in the script that
 * stores its end. A completed attempt, and one that runs, are in the other fields of the job.
 */

/** The attempts that did not complete. */
export const ATTEMPTS = 'asdlc:attempts';
/** What people did to the job. */
export const CHANGES = 'asdlc:changes';

export const MAX_ENTRIES = 20;
/** Limits in characters: of an entry, and of a field. A worker fetches the field with each job that failed before. */
export const MAX_ENTRY = 8 * 1024;
export const MAX_FIELD = 64 * 1024;

/** An attempt that did not complete. Times are Unix milliseconds by Redis's clock. */
export interface KeptAttempt {
  readonly number: number;
  readonly startedMs: number;
  readonly endedMs: number;
  readonly worker: string;
  readonly outcome: 'failed' | 'timed_out' | 'put_back' | 'stalled';
  readonly error?: { readonly name: string; readonly message: string; readonly stack: string };
  /** What the handler reported last. */
  readonly progress?: unknown;
}

/** What somebody did to a job. `by` is the name of the token. */
export interface KeptChange {
  readonly action: string;
  readonly by: string;
  readonly atMs: number;
}

/** Returns an entry as it is kept. It shortens the error's texts until they fit. */
export function formatAttempt(attempt: KeptAttempt): string {
  const { error, ...others } = attempt;
  let text = JSON.stringify(attempt);
  for (let most = MAX_ENTRY / 2; text.length > MAX_ENTRY && error && most > 100; most /= 2) {
    const { name, message, stack } = error;
    text = JSON.stringify({
      ...others,
      error: { name, message: message.slice(0, most), stack: stack.slice(0, most) },
    });
  }
  return text;
}

/** Adds an entry to a field, without the oldest ones where there are too many. */
export function addEntry(field: string, entry: string): string {
  const entries = [...field.split('\n'), entry].filter((text) => text !== '').slice(-MAX_ENTRIES);
  while (entries.length > 1 && entries.join('\n').length > MAX_FIELD) entries.shift();
  return entries.join('\n');
}

/**
 * A Lua function that does the same to a field in Redis, in its own way: it keeps half of what is too long. It writes
 * nothing to a job that was removed.
 */
export const ADD_ENTRY = `
local function addEntry(job, name, entry)
  if redis.call('TYPE', job).ok ~= 'hash' then return end
  local field = redis.call('HGET', job, name)
  if field and #field > ${MAX_FIELD} then field = string.match(string.sub(field, ${-MAX_FIELD / 2}), '\\n(.*)$') end
  redis.call('HSET', job, name, field and field .. '\\n' .. entry or entry)
end
`;

/** A Lua function that notes what somebody did to a job. It needs the time in milliseconds. */
export const NOTE_CHANGE = `${ADD_ENTRY}
local function noteChange(job, action, by, atMs)
  addEntry(job, '${CHANGES}', cjson.encode({action = action, by = by, atMs = atMs}))
end
`;

/** A Lua function that counts a stall, and notes the attempt that it ended. The job is in no list meanwhile. */
export const COUNT_STALL = `${ADD_ENTRY}
local function countStall(job)
  local fields = redis.call('HMGET', job, 'atm', 'processedOn', '${PROCESSED_BY}')
  addEntry(job, '${ATTEMPTS}', cjson.encode({number = (tonumber(fields[1] or nil) or 0) + 1, outcome = 'stalled',
    startedMs = tonumber(fields[2] or nil) or 0, endedMs = tonumber(now) or 0, worker = fields[3] or ''}))
  redis.call('HDEL', job, 'progress')
  return redis.call('HINCRBY', job, 'stc', 1)
end
`;

/** KEYS: the job. ARGV: the entry. */
const NOTE_ATTEMPT = createScript(`${ADD_ENTRY}
addEntry(KEYS[1], '${ATTEMPTS}', ARGV[1])
redis.call('HDEL', KEYS[1], 'progress')
`);

/** Notes an attempt whose end BullMQ does not count. */
export async function noteAttempt(
  redis: Redis,
  keyOf: KeyOf,
  id: string,
  attempt: KeptAttempt,
): Promise<void> {
  await NOTE_ATTEMPT(redis, [keyOf(id)], [formatAttempt(attempt)]);
}

import type { Redis } from 'ioredis';
import type { KeyOf } from './bullmq-schema.ts';
import { createScript } from './script.ts';

/** More of an error is not returned: it is the same for all tasks of a group. */
const MAX_ERROR_BYTES = 1_000;

/** KEYS: one that is there for Redis Cluster alone. ARGV: what all keys begin with, ids. */
const READ_OUTLINES = createScript(`
local outlines = {}
for i = 2, #ARGV do
  local job = ARGV[1] .. ARGV[i]
  local fields = redis.pcall('HMGET', job, 'name', 'failedReason', 'finishedOn', 'processedOn')
  if fields.err then fields = {} end
  local size = redis.pcall('HSTRLEN', job, 'data')
  outlines[#outlines + 1] = fields[1] or ''
  outlines[#outlines + 1] = string.sub(fields[2] or '', 1, ${MAX_ERROR_BYTES})
  outlines[#outlines + 1] = fields[3] or fields[4] or '0'
  outlines[#outlines + 1] = type(size) == 'number' and size or 0
end
return outlines
`);

/** What a change of many tasks needs to know of each. */
export interface JobOutline {
  readonly id: string;
  readonly eventType: string;
  /** The beginning of its last error; empty: it has none. */
  readonly error: string;
  /** When it ended, or when its last attempt began. Unix milliseconds; 0: not known. */
  readonly atMs: number;
  readonly dataBytes: number;
}

/** Reads up to 1,000 outlines: Redis does nothing else for 2 ms or so. */
export async function readOutlines(
  redis: Redis,
  keyOf: KeyOf,
  ids: readonly string[],
): Promise<JobOutline[]> {
  const reply = await READ_OUTLINES(redis, [keyOf('meta')], [keyOf(''), ...ids]);
  const flat = reply as (string | number)[]; // as in the script
  return ids.map((id, i) => ({
    id,
    eventType: String(flat[4 * i]),
    error: String(flat[4 * i + 1]),
    atMs: Number(flat[4 * i + 2]) || 0,
    dataBytes: Number(flat[4 * i + 3]),
  }));
}

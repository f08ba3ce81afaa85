import type { Redis } from 'ioredis';
import { PROCESSED_BY, startOf, wholeNumber } from './bullmq-fields.ts';
import type { KeyOf } from './bullmq-schema.ts';
import { createScript } from './script.ts';

/** Which task a worker runs now. */
export interface ActiveJob {
  readonly id: string;
  readonly eventType: string;
  /** When the attempt began, in Unix milliseconds by the worker's idea of Redis's clock; 0: not known. */
  readonly startedMs: number;
  /** The name that the worker gave BullMQ; empty for one of an older version. */
  readonly worker: string;
}

/** More than these are not looked at. */
const MAX_ACTIVE = 2_000;

/** KEYS: active. ARGV: what the keys of jobs begin with. */
const READ_ACTIVE = createScript(`
local reply = {}
for _, id in ipairs(redis.call('LRANGE', KEYS[1], 0, ${MAX_ACTIVE - 1})) do
  local job = redis.pcall('HMGET', ARGV[1] .. id, 'name', 'timestamp', 'processedOn', '${PROCESSED_BY}')
  if not job.err then
    reply[#reply + 1] = id
    for i = 1, 4 do reply[#reply + 1] = job[i] or '' end
  end
end
return reply
`);

/** Returns the tasks that workers run now, in one round trip. */
export async function readActiveJobs(redis: Redis, keyOf: KeyOf): Promise<ActiveJob[]> {
  const reply = (await READ_ACTIVE(redis, [keyOf('active')], [keyOf('')])) as string[]; // as in the script
  const jobs: ActiveJob[] = [];
  for (let i = 0; i < reply.length; i += 5) {
    const [id = '', eventType = '', createdMs, startedMs, worker = ''] = reply.slice(i, i + 5);
    jobs.push({ id, eventType, startedMs: startOf(wholeNumber(startedMs), wholeNumber(createdMs)), worker });
  }
  return jobs;
}

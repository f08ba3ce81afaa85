import type { Redis } from 'ioredis';
import type { TaskStatus } from '../http-contract/tasks.ts';
import { FILTER_ARGUMENTS, filterArguments, type JobFilter, MATCHES } from './bullmq-filter.ts';
import { type Found, ORDER_FIELD, type Place, readFound } from './bullmq-listing.ts';
import { type KeyOf, LISTS } from './bullmq-schema.ts';
import { STATUS_OF } from './bullmq-tasks.ts';
import { createScript } from './script.ts';

/** More children of one parent are not looked at: only other programs make such flows. Redis does nothing else for 5 ms or so. */
const MOST_CHILDREN = 1_000;

const [PARENT, STATUS, FIELD] = [1, 2, 3].map((n) => `ARGV[${FILTER_ARGUMENTS + n}]`);

/**
 * KEYS: the sorted set or a list of the status. ARGV: those of the filter, the parent, the status, and the field of the order or
 * ''. The parent's keys name each child once: see bullmq-flows.ts.
 */
const FIND_CHILDREN = createScript(`${STATUS_OF}${MATCHES}
local parent, status, field = base .. ${PARENT}, ${STATUS}, ${FIELD}
local found, looked, left = {}, 0, ${MOST_CHILDREN}
local function look(child)
  local id = string.sub(child, #base + 1)
  if string.sub(child, 1, #base) ~= base or redis.call('EXISTS', child) == 0 or statusOf(base, id) ~= status then return end
  looked = looked + 1
  if not matches(id) then return end
  local order
  if field == '' then order = redis.pcall('ZSCORE', KEYS[1], id) else order = redis.pcall('HGET', child, field) end
  found[#found + 1] = type(order) == 'string' and order or '0'
  found[#found + 1] = id
end
for _, command in ipairs({{'SRANDMEMBER', 'dependencies'}, {'HRANDFIELD', 'processed'}, {'HRANDFIELD', 'failed'},
  {'ZRANDMEMBER', 'unsuccessful'}}) do
  local children = left > 0 and redis.pcall(command[1], parent .. ':' .. command[2], left) or {}
  for _, child in ipairs(children.err and {} or children) do look(child) end
  left = left - #children
end
return {false, found, looked}
`);

/** Finds the children of a task that have a status and match a filter, in no order. It never has a `next`. */
export async function findChildren(
  redis: Redis,
  keyOf: KeyOf,
  { status, parentId, ...filter }: JobFilter & { readonly status: TaskStatus; readonly parentId: string },
): Promise<Found<Place>> {
  const own = [parentId, status, ORDER_FIELD[status] ?? ''];
  const reply = await FIND_CHILDREN(
    redis,
    [keyOf(LISTS[status][0] ?? '')],
    [...filterArguments(keyOf, filter), ...own],
  );
  return readFound(reply, () => ({ order: 0, id: '' }));
}

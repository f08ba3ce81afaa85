import type { Redis } from 'ioredis';
import type { TaskStatus } from '../http-contract/tasks.ts';
import { MAX_DEAD_CHILDREN } from './bullmq-flows.ts';
import type { KeyOf } from './bullmq-schema.ts';
import { STATUS_OF } from './bullmq-tasks.ts';
import { createScript } from './script.ts';

/* What is read of the parents and children of tasks: see bullmq-flows.ts. */

/**
 * KEYS: one that is there for Redis Cluster alone. ARGV: what all keys begin with, ids. Children come before their parents.
 * Returns at how many of the ids it looked: it ends with the one that makes the children too many for one script.
 */
const READ_DEAD_CHILDREN = createScript(`
local base, found, seen, most = ARGV[1], {}, {}, 0
local function look(id)
  local keys = redis.pcall('ZRANGE', base .. id .. ':unsuccessful', 0, ${MAX_DEAD_CHILDREN - 1})
  if keys.err then return end
  for _, key in ipairs(keys) do
    local child = string.sub(key, #base + 1)
    if string.sub(key, 1, #base) == base and not seen[child] and #found < most then
      seen[child] = true
      look(child)
      found[#found + 1] = child
    end
  end
end
for i = 2, #ARGV do
  most = #found + ${MAX_DEAD_CHILDREN}
  look(ARGV[i])
  if #found >= ${MAX_DEAD_CHILDREN} then return {i - 1, found} end
end
return {#ARGV - 1, found}
`);

/**
 * Returns the ids of the dead tasks for which these tasks waited, directly or through others; the first ones first. `taken`:
 * of so many of the tasks, at least one.
 */
export async function readDeadChildren(
  redis: Redis,
  keyOf: KeyOf,
  ids: readonly string[],
): Promise<{ children: string[]; taken: number }> {
  const reply = await READ_DEAD_CHILDREN(redis, [keyOf('meta')], [keyOf(''), ...ids]);
  const [taken, children] = reply as [number, string[]]; // as in the script
  return { children, taken };
}

/** KEYS: one that is there for Redis Cluster alone. ARGV: what all keys begin with, ids. */
const READ_STATUSES = createScript(`${STATUS_OF}
local reply = {}
for i = 2, #ARGV do
  local job = ARGV[1] .. ARGV[i]
  local name = redis.pcall('HGET', job, 'name')
  local exists = redis.call('EXISTS', job) == 1
  reply[i - 1] = {type(name) == 'string' and name or '', exists and statusOf(ARGV[1], ARGV[i]) or ''}
end
return reply
`);

export interface TaskOutline {
  readonly id: string;
  readonly eventType: string;
  /** Undefined: there is no such task any more. */
  readonly status: TaskStatus | undefined;
}

/** Reads event type and status of up to a few hundred tasks. */
export async function readTaskOutlines(
  redis: Redis,
  keyOf: KeyOf,
  ids: readonly string[],
): Promise<TaskOutline[]> {
  if (ids.length === 0) return [];
  const reply = await READ_STATUSES(redis, [keyOf('meta')], [keyOf(''), ...ids]);
  return (reply as [string, TaskStatus | ''][]).map(([eventType, status], i) => ({
    id: ids[i] ?? '',
    eventType,
    status: status === '' ? undefined : status,
  }));
}

/**
 * KEYS: the parent. ARGV: what all keys begin with, the most bytes, ids of the children. Returns when the parent is due and how
 * many bytes the results have; then, if they are not too many, for each child '1' and its result, '0' and its error, or '' twice.
 */
const READ_RESULTS = createScript(`
local due = redis.call('HGET', KEYS[1], 'due') or ''
local kinds, bytes = {{'1', KEYS[1] .. ':processed'}, {'0', KEYS[1] .. ':failed'}}, 0
for i = 3, #ARGV do
  local size = redis.pcall('HSTRLEN', kinds[1][2], ARGV[1] .. ARGV[i])
  bytes = bytes + (type(size) == 'number' and size or 0)
end
local reply = {due, bytes}
if bytes > tonumber(ARGV[2]) then return reply end
for i = 3, #ARGV do
  local found = {'', ''}
  for _, kind in ipairs(kinds) do
    local text = redis.pcall('HGET', kind[2], ARGV[1] .. ARGV[i])
    if type(text) == 'string' then found = {kind[1], text} end
  end
  reply[#reply + 1] = found[1]
  reply[#reply + 1] = found[2]
end
return reply
`);

export interface StoredResults {
  /** When the parent became due, in Unix milliseconds; 0: not known. */
  readonly dueMs: number;
  readonly bytes: number;
  /** In the order of the ids; undefined where the results have too many bytes. JSON, or the text of an error. */
  readonly ends: readonly { readonly isCompleted: boolean; readonly text: string }[] | undefined;
}

/** Reads how the children of a task ended. */
export async function readChildResults(
  redis: Redis,
  keyOf: KeyOf,
  { id, children, maxBytes }: { id: string; children: readonly string[]; maxBytes: number },
): Promise<StoredResults> {
  const reply = await READ_RESULTS(redis, [keyOf(id)], [keyOf(''), maxBytes, ...children]);
  const [due, bytes, ...flat] = reply as [string, number, ...string[]]; // as in the script
  const ends = children.map((_, i) => ({ isCompleted: flat[2 * i] === '1', text: flat[2 * i + 1] ?? '' }));
  return { dueMs: Number(due) || 0, bytes, ends: bytes > maxBytes ? undefined : ends };
}

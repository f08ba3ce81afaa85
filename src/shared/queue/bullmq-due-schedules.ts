import { keysOf, NOW, READ_FIELDS, type StoredSchedule } from './bullmq-schedules.ts';
import type { QueueRedis } from './bullmq-schema.ts';
import { ADDING, ADDING_KEYS } from './bullmq-tasks.ts';
import { createScript } from './script.ts';

/*
 * Queues the tasks of schedules. One script queues the task of a schedule that is due and moves the schedule on. It does so
 * only while the schedule is as its caller has read it. So of several processes one queues the task, and none is lost with
 * a process.
 */

/** KEYS: schedules, what the hashes' keys begin with. ARGV: how many. */
const READ_DUE = createScript(`${NOW}${READ_FIELDS}
local due = redis.call('ZRANGE', KEYS[1], '-inf', now, 'BYSCORE', 'LIMIT', 0, ARGV[1], 'WITHSCORES')
local next = redis.call('ZRANGE', KEYS[1], '(' .. now, '(+inf', 'BYSCORE', 'LIMIT', 0, 1, 'WITHSCORES')
local reply = {string.format('%d', now), next[2] or ''}
for i = 1, #due, 2 do
  local fields = fieldsOf(due[i], 'revision', 'definition')
  local length = redis.pcall('HSTRLEN', KEYS[2] .. due[i], 'data')
  local size = type(length) == 'number' and length or 0
  for _, part in ipairs({due[i], due[i + 1], fields[1] or '', fields[2] or '', size}) do reply[#reply + 1] = part end
end
return reply
`);

export interface DueSchedule {
  readonly id: string;
  /** As Redis has it. */
  readonly due: string;
  readonly revision: string;
  readonly definition: string;
  readonly dataLength: number;
}

export interface DueSchedules {
  readonly nowMs: number;
  /** When the next of the others is due; undefined: none is. */
  readonly nextMs: number | undefined;
  readonly due: readonly DueSchedule[];
}

/** Returns schedules that are due, the first due first. */
export async function readDueSchedules({ redis, keyOf }: QueueRedis, limit: number): Promise<DueSchedules> {
  const reply = await READ_DUE(redis, keysOf(keyOf), [limit]);
  const [now, next, ...parts] = reply as (string | number)[]; // as in the script
  const due: DueSchedule[] = [];
  for (let at = 0; at < parts.length; at += 5) {
    const [id, score, revision, definition, length] = parts.slice(at, at + 5);
    due.push({
      id: String(id),
      due: String(score),
      revision: String(revision),
      definition: String(definition),
      dataLength: Number(length),
    });
  }
  return { nowMs: Number(now), nextMs: next === '' ? undefined : Number(next), due };
}

/**
 * KEYS: those of ADDING, schedules, what the hashes' keys begin with. ARGV: the base, then for each run the schedule's
 * id, due time and revision as read, its next due time or '+inf', how many due times it leaves out, the task's id, event
 * type, options and priority.
 */
const RUN_DUE = createScript(`${ADDING}
local results = {string.format('%d', now)}
local count = 0
for i = 2, #ARGV, 9 do
  local id, due = ARGV[i], ARGV[i + 1]
  local schedule = KEYS[10] .. id
  local read = redis.pcall('HMGET', schedule, 'revision', 'data')
  local result = 0
  if redis.call('ZSCORE', KEYS[9], id) == due and read[1] == ARGV[i + 2] and read[2] then
    local data = read[2] .. due .. '}'
    local isNew = addTask(ARGV[i + 5], ARGV[i + 6], data, ARGV[i + 7], 0, ARGV[i + 8])
    redis.call('ZADD', KEYS[9], ARGV[i + 3], id)
    if ARGV[i + 4] ~= '0' then redis.pcall('HINCRBY', schedule, 'missed', ARGV[i + 4]) end
    if isNew then
      redis.pcall('HINCRBY', schedule, 'runs', 1)
      redis.call('HSET', schedule, 'last_task', ARGV[i + 5], 'last_due', due, 'last_queued', string.format('%d', now))
    end
    result = isNew and 1 or 2
    count = count + 1
  end
  results[#results + 1] = result
end
if count > 0 then endAdding(count) end
return results
`);

export interface DueRun {
  readonly schedule: DueSchedule;
  /** Undefined: it is never due again. */
  readonly nextMs: number | undefined;
  readonly missed: number;
  readonly taskId: string;
  readonly eventType: string;
  readonly opts: string;
  readonly priority: number;
}

/** `other`: the schedule changed meanwhile, or another process queued the task. `known`: a task has that id already. */
export type RunResult = 'queued' | 'known' | 'other';

const RUN_RESULTS: readonly RunResult[] = ['other', 'queued', 'known'];

/** Queues the tasks of schedules that are due, and moves these on. `nowMs` is when it did. */
export async function runDueSchedules(
  { redis, keyOf }: QueueRedis,
  runs: readonly DueRun[],
): Promise<{ nowMs: number; results: RunResult[] }> {
  const args = runs.flatMap(({ schedule, nextMs, missed, taskId, eventType, opts, priority }) => [
    schedule.id,
    schedule.due,
    schedule.revision,
    nextMs ?? '+inf',
    missed,
    taskId,
    eventType,
    opts,
    priority,
  ]);
  const keys = [...ADDING_KEYS.map(keyOf), ...keysOf(keyOf)];
  const reply = await RUN_DUE(redis, keys, [keyOf(''), ...args]);
  const [now, ...results] = reply as [string, ...number[]]; // as in the script
  return { nowMs: Number(now), results: results.map((result) => RUN_RESULTS[result] ?? 'other') };
}

/** KEYS: as RUN_DUE. ARGV: the base, the schedule's id and revision, the task's id, event type, options and priority. */
const RUN_NOW = createScript(`${ADDING}
local schedule = KEYS[10] .. ARGV[2]
local read = redis.pcall('HMGET', schedule, 'revision', 'data')
if read[1] ~= ARGV[3] or not read[2] then return 0 end
local due = string.format('%d', now)
if not addTask(ARGV[4], ARGV[5], read[2] .. due .. '}', ARGV[6], 0, ARGV[7]) then return 2 end
redis.pcall('HINCRBY', schedule, 'runs', 1)
redis.call('HSET', schedule, 'last_task', ARGV[4], 'last_due', due, 'last_queued', due)
endAdding(1)
return 1
`);

export type TaskOfRun = Pick<DueRun, 'taskId' | 'eventType' | 'opts' | 'priority'>;

/** Queues a task of the schedule out of turn. */
export async function runScheduleNow(
  { redis, keyOf }: QueueRedis,
  { id, fields }: StoredSchedule,
  { taskId, eventType, opts, priority }: TaskOfRun,
): Promise<RunResult> {
  const keys = [...ADDING_KEYS.map(keyOf), ...keysOf(keyOf)];
  const args = [keyOf(''), id, fields.revision ?? '', taskId, eventType, opts, priority];
  return RUN_RESULTS[Number(await RUN_NOW(redis, keys, args))] ?? 'other';
}

/** KEYS: those of schedules. ARGV: id, due time and revision as read, the next due time or '+inf'. */
const SKIP = createScript(`${READ_FIELDS}
local isAsRead = redis.call('ZSCORE', KEYS[1], ARGV[1]) == ARGV[2] and (fieldsOf(ARGV[1], 'revision')[1] or '') == ARGV[3]
if isAsRead then redis.call('ZADD', KEYS[1], ARGV[4], ARGV[1]) end
`);

/**
 * Moves a damaged schedule on without a task, so that nobody looks at it again and again. Undefined: it is never due
 * again. Does nothing when somebody has changed it.
 */
export async function skipSchedule(
  { redis, keyOf }: QueueRedis,
  { id, due, revision }: DueSchedule,
  nextMs?: number,
): Promise<void> {
  await SKIP(redis, keysOf(keyOf), [id, due, revision, nextMs ?? '+inf']);
}

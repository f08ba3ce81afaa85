import type { Redis } from 'ioredis';
import { END_NOTED, NOTE_END, NOTE_EVENT } from './bullmq-events.ts';
import { CHECKS } from './bullmq-fast-path.ts';
import { FLOW, OF_PARENT, REVIVE_AT_END } from './bullmq-flows.ts';
import { COUNT_STALL } from './bullmq-history.ts';
import { PARK, PARKED_AT_ONCE } from './bullmq-parking.ts';

/*
 * Anything may be in Redis. BullMQ's scripts fail half-way on a damaged job: the job is then in no list, or comes back
 * for ever, and the job that ended beside it pays. So each of these scripts has a guard. It mends what the script would
 * fail on, and notes the reason in the job's field `defa`: BullMQ ends such a job dead at once. It removes entries of
 * lists that name no job, or one that is elsewhere, and returns them beside the script's reply.
 *
 * Each task pays for the guard. So it stands in the place of a command that the script sends anyway, where there is one.
 */

/** What the reason of an unreadable task begins with, wherever it is stored. */
export const UNREADABLE = 'unreadable: ';

/** Why an entry was removed: its job has vanished, or the entry repeats a job that is active or has ended. */
export type RemovedEntryReason = 'vanished' | 'repeated';

export interface RemovedEntry {
  readonly id: string;
  readonly reason: RemovedEntryReason;
}

/**
 * A sound job costs one command. A job has `ats` once it has started and `finishedOn` once
 * it has ended: only then it may be in another list too. `activeEntries`: how often it may be in `active`; nil: that does
 * not matter.
 *
 * `mend` returns the id; false when there is no such job; another id for a job whose id is not UTF-8, which it renames.
 * `:logs` is a key that BullMQ removes with its job.
 */
const FUNCTIONS = String.raw`
local function isUtf8(text)
  if not string.find(text, '[\128-\255]') then return true end
  for _, pattern in ipairs({'[\194-\223]%', '\224[\160-\191]%', '[\225-\236\238\239]%%', '\237[\128-\159]%',
    '\240[\144-\191]%%', '[\241-\243]%%%', '\244[\128-\143]%%'}) do
    text = string.gsub(text, (string.gsub(pattern, '%%', '[\128-\191]')), 'x')
  end
  return not string.find(text, '[\128-\255]')
end
local function isParent(text, key)
  local ok, parent = pcall(cjson.decode, text or '')
  return ok and type(parent) == 'table' and type(parent.id) == 'string' and type(parent.queueKey) == 'string'
    and parent.queueKey .. ':' .. parent.id == key
end
local function hasEnded(id)
  return redis.call('ZSCORE', base .. 'completed', id) or redis.call('ZSCORE', base .. 'failed', id)
end
local function isActive(id, activeEntries)
  return #redis.call('LPOS', base .. 'active', id, 'COUNT', activeEntries + 1) > activeEntries
end
local function mend(id, activeEntries)
  if isOwnKey(id) then return false end
  local job = base .. id
  local fields = redis.pcall('HMGET', job, 'name', 'ats', 'atm', 'stc', 'priority', 'parent', 'parentKey', 'finishedOn')
  local hasColon = (fields.err or not fields[1]) and string.find(id, ':', 1, true)
  if fields.err then
    if hasColon then return false end
    local found = redis.call('TYPE', job).ok
    redis.call('RENAME', job, job .. ':logs')
    redis.call('HSET', job, 'timestamp', now, 'defa', '${UNREADABLE}the task: expected a hash; got a ' .. found)
    fields = {}
  elseif activeEntries and (fields[2] and isActive(id, activeEntries) or fields[8] and hasEnded(id)) then
    return false, 'repeated'
  elseif not fields[1] and (hasColon or redis.call('EXISTS', job) == 0) then
    return false
  end
  if isCount(fields[5]) and isCount(fields[2]) and isCount(fields[3]) and isCount(fields[4]) and not fields[6]
    and not fields[7] and isUtf8(id) then
    return id
  end
  local wrong
  for i, name in ipairs({'ats', 'atm', 'stc', 'priority'}) do
    if not isCount(fields[i + 1]) then
      redis.call('HDEL', job, name)
      wrong = name .. ': expected a whole number; got another text'
    end
  end
  if (fields[6] or fields[7]) and not isParent(fields[6], fields[7]) then
    redis.call('HDEL', job, 'parent', 'parentKey')
    wrong = 'parent: expected the id and key of a task; got another text'
  elseif fields[7] and redis.call('EXISTS', fields[7]) == 0 then
    redis.call('HDEL', job, 'parent', 'parentKey')
  end
  if wrong then redis.call('HSET', job, 'defa', '${UNREADABLE}' .. wrong) end
  if isUtf8(id) then return id end
  local name = redis.sha1hex(id)
  redis.call('RENAME', job, base .. name)
  redis.call('HSET', base .. name, 'defa', '${UNREADABLE}id: expected UTF-8; got other bytes')
  return name
end
local function settle(id, activeEntries)
  local name, reason = mend(id, activeEntries)
  if not name then removed[#removed + 1] = {reason or 'vanished', id} end
  return name
end
`;

/**
 * These take what BullMQ's commands take, but sound jobs only, and none whose event type is paused: they park it. BullMQ
 * takes at most 1,000 due jobs at once. A script that has parked many ends, and tells the workers to ask again.
 */
const TAKES = `${PARK}
local isCut = false
local function mayGoOn()
  if parkedCount < ${PARKED_AT_ONCE} then return true end
  redis.call('ZADD', base .. 'marker', 0, '0')
  return false
end
local function takeDue(delayed, timestamp)
  local due = redis.call('ZRANGE', delayed, '-inf', (timestamp + 1) * 4096 - 1, 'BYSCORE', 'LIMIT', 0, 1000)
  if #due == 0 then return due end
  if not isCount(redis.call('GET', base .. 'pc')) then redis.call('DEL', base .. 'pc') end
  local sound = {}
  for _, entry in ipairs(due) do
    local id = settle(entry, 0)
    if id ~= entry then redis.call('ZREM', delayed, entry) end
    if id then sound[#sound + 1] = id end
  end
  return sound
end
local function takeWaiting(wait, active)
  for _ = 1, 1000 do
    local entry = redis.call('RPOPLPUSH', wait, active)
    if not entry then return end
    local id = settle(entry, 1)
    local isParked = id and park(id)
    if id == entry and not isParked then return id end
    redis.call('LREM', active, 1, entry)
    if isParked and not mayGoOn() then return end
    if id and not isParked then
      redis.call('LPUSH', active, id)
      return id
    end
  end
end
-- The counter of an empty set begins anew. A script that ended early leaves tasks in the set.
local function forgetCounter(counter)
  if not isCut then redis.call('DEL', counter) end
end
local function takePrioritized(prioritized)
  for _ = 1, 1000 do
    local first = redis.call('ZPOPMIN', prioritized)
    local id = first[1] and settle(first[1], 0)
    if not first[1] then return {} end
    if id and not park(id) then return {id} end
    if id and not mayGoOn() then
      isCut = true
      break
    end
  end
  return {}
end
`;

const OF_DUE = 'rcall("ZRANGEBYSCORE", delayedKey, 0, (timestamp + 1) * 0x1000 - 1, "LIMIT", 0, 1000)';

/** Commands of BullMQ's scripts, and what each becomes. */
const TAKEN: Readonly<Record<string, string>> = {
  [OF_DUE]: 'takeDue(delayedKey, timestamp)',
  'rcall("RPOPLPUSH", waitKey, activeKey)': 'takeWaiting(waitKey, activeKey)',
  'rcall("ZPOPMIN", priorityKey)': 'takePrioritized(priorityKey)',
  'rcall("DEL", priorityCounterKey)': 'forgetCounter(priorityCounterKey)',
};
const ALL_TAKEN = Object.keys(TAKEN);

/** In the check for stalled jobs. */
const STALL_COUNTED = 'rcall("HINCRBY", jobKey, "stc", 1)';

/** For the check for stalled jobs: those that are active without a lock. A damaged one did not stall. */
const SETTLE_ACTIVE = `
for _, entry in ipairs(redis.call('LRANGE', base .. 'active', 0, -1)) do
  if redis.call('EXISTS', base .. entry .. ':lock') == 0 then
    local ended = hasEnded(entry)
    local id = not ended and mend(entry)
    if id ~= entry or redis.call('HEXISTS', base .. id, 'defa') == 1 then
      redis.call('LREM', base .. 'active', 1, entry)
      redis.call('SREM', base .. 'stalled', entry)
      if id then
        redis.call('RPUSH', base .. 'wait', id)
        redis.call('ZADD', base .. 'marker', 0, '0')
      else
        removed[#removed + 1] = {ended and 'repeated' or 'vanished', entry}
      end
    end
  end
end
`;

/** Where a script has what the guard needs, and what of it the guard looks at. */
interface Guarded {
  readonly base: string;
  readonly now: string;
  /** Which of the commands in `TAKEN` the script has. */
  readonly takes?: readonly string[];
  /** The script's own look whether its job exists, and the job's id. */
  readonly job?: { readonly look: string; readonly id: string };
  readonly before?: string;
  /** Whether it tells the job's parent. */
  readonly tellsParent?: boolean;
  /** Whether the attempt that a stall ends goes into the job's history. */
  readonly notesStalls?: boolean;
  /** Whether it tells of the end of a job. */
  readonly notesEnd?: boolean;
}

const GUARDED: Readonly<Record<string, Guarded>> = {
  moveToActive: { base: 'ARGV[1]', now: 'ARGV[2]', takes: ALL_TAKEN },
  moveToFinished: {
    base: 'ARGV[7]',
    now: 'ARGV[2]',
    takes: ALL_TAKEN,
    job: { look: 'rcall("EXISTS", jobIdKey) == 1', id: 'ARGV[1]' },
    tellsParent: true,
    notesEnd: true,
  },
  moveToDelayed: {
    base: 'ARGV[1]',
    now: 'ARGV[2]',
    takes: ALL_TAKEN,
    job: { look: 'rcall("EXISTS", jobKey) == 1', id: 'ARGV[3]' },
  },
  retryJob: {
    base: 'ARGV[1]',
    now: 'ARGV[2]',
    takes: [OF_DUE],
    job: { look: 'rcall("EXISTS", jobKey) == 1', id: 'ARGV[4]' },
  },
  moveJobFromActiveToWait: {
    base: 'string.sub(ARGV[3], 1, -#ARGV[1] - 1)',
    now: '0',
    before: 'mend(ARGV[1])',
  },
  moveStalledJobsToWait: { base: 'ARGV[2]', now: 'ARGV[3]', before: SETTLE_ACTIVE, notesStalls: true },
};

/** BullMQ's scripts that have a guard. */
export const GUARDED_SCRIPTS: ReadonlySet<string> = new Set(Object.keys(GUARDED));

function guarded(
  {
    base,
    now,
    takes = [],
    job,
    before = '',
    tellsParent = false,
    notesStalls = false,
    notesEnd = false,
  }: Guarded,
  script: string,
): string {
  const replaced = new Map(takes.map((command) => [command, TAKEN[command] ?? '']));
  if (job) replaced.set(job.look, `mend(${job.id}) == ${job.id}`);
  if (tellsParent) for (const [command, ours] of Object.entries(OF_PARENT)) replaced.set(command, ours);
  if (notesStalls) replaced.set(STALL_COUNTED, 'countStall(jobKey)');
  if (notesEnd) replaced.set(END_NOTED, 'noteEnd(eventStreamKey, jobIdKey, jobId, ARGV[5])');
  let own = script;
  for (const [command, ours] of replaced) {
    if (!own.includes(command)) throw new Error(`expected ${command} in BullMQ's script; got none`);
    own = own.replaceAll(command, ours);
  }
  return `
local base, now, removed = ${base}, ${now}, {}
${CHECKS}${FUNCTIONS}${takes.length > 0 ? TAKES : ''}${tellsParent ? NOTE_EVENT + FLOW + REVIVE_AT_END : ''}${notesStalls ? COUNT_STALL : ''}${notesEnd ? NOTE_END : ''}
local function run()
${before}
${own}
end
local reply = run()
if #removed == 0 then return reply end
return {'removed', removed, reply}
`;
}

interface Defining {
  defineCommand: Redis['defineCommand'];
}

/** Puts the guard into BullMQ's scripts. Call it before BullMQ defines them on this connection. */
export function guardScripts(redis: Defining): void {
  const define = redis.defineCommand.bind(redis);
  redis.defineCommand = (command, definition) => {
    const guard = GUARDED[command.split(':')[0] ?? '']; // BullMQ's names end with its version
    define(command, guard ? { ...definition, lua: guarded(guard, definition.lua) } : definition);
  };
}

/** Takes a guarded script's reply apart. */
export function readGuarded(reply: unknown): { reply: unknown; removed: readonly RemovedEntry[] } {
  if (!Array.isArray(reply) || reply[0] !== 'removed') return { reply, removed: [] };
  const entries = reply[1] as [RemovedEntryReason, string][]; // as the guard makes them
  return { reply: reply[2], removed: entries.map(([reason, id]) => ({ reason, id })) };
}

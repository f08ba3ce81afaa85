import type { Redis } from 'ioredis';

/*
 * Anything may be in Redis. BullMQ's scripts fail half-way on a damaged job: the job is then in no list, or comes back
 * for ever, and the job that ended beside it pays. So a guard runs first, within each of these scripts. It mends what the
 * script would fail on, and notes the reason in the job's field `defa`: BullMQ ends such a job dead at once. It removes
 * entries of lists that name no job, or one that is elsewhere, and returns them beside the script's reply.
 */

/** What the reason of an unreadable task begins with, wherever it is stored. */
export const UNREADABLE = 'unreadable: ';

/** BullMQ's keys that lie beside those of jobs: an entry with such a name is none of a job. */
const OWN_KEYS =
  '  active wait waiting-children paused id delayed prioritized stalled-check completed failed stalled repeat limiter meta events pc marker de ';

/** Why an entry was removed: its job has vanished, or the entry repeats a job that is active or has ended. */
export type RemovedEntryReason = 'vanished' | 'repeated';

export interface RemovedEntry {
  readonly id: string;
  readonly reason: RemovedEntryReason;
}

/**
 * Every fetch pays for these, so a sound job costs one command. A job has `ats` once it has started and `finishedOn` once
 * it has ended: only then it may be in another list too.
 *
 * `mend` returns the id; false when there is no such job; another id for a job whose id is not UTF-8, which it renames.
 * `:logs` is a key that BullMQ removes with its job. HINCRBY takes no other numbers than those of `isCount`.
 */
const FUNCTIONS = String.raw`
local function isCount(text)
  return not text or text == '0' or #text <= 15 and string.find(text, '^[1-9]%d*$') ~= nil
end
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
    and parent.queueKey .. ':' .. parent.id == key and redis.call('EXISTS', key) == 1
end
local function hasEnded(id)
  return redis.call('ZSCORE', base .. 'completed', id) or redis.call('ZSCORE', base .. 'failed', id)
end
local function mend(id, isWaiting)
  if #id < 17 and string.find('${OWN_KEYS}', ' ' .. id .. ' ', 1, true) then return false end
  local job = base .. id
  local fields = redis.pcall('HMGET', job, 'name', 'ats', 'atm', 'stc', 'priority', 'parent', 'parentKey', 'finishedOn')
  local hasColon = (fields.err or not fields[1]) and string.find(id, ':', 1, true)
  if fields.err then
    if hasColon then return false end
    local found = redis.call('TYPE', job).ok
    redis.call('RENAME', job, job .. ':logs')
    redis.call('HSET', job, 'timestamp', now, 'defa', '${UNREADABLE}the task: expected a hash; got a ' .. found)
    fields = {}
  elseif isWaiting and (fields[2] and redis.call('LPOS', base .. 'active', id) or fields[8] and hasEnded(id)) then
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
    wrong = 'parent: expected a task that exists; got another text'
  end
  if wrong then redis.call('HSET', job, 'defa', '${UNREADABLE}' .. wrong) end
  if isUtf8(id) then return id end
  local name = redis.sha1hex(id)
  redis.call('RENAME', job, base .. name)
  redis.call('HSET', base .. name, 'defa', '${UNREADABLE}id: expected UTF-8; got other bytes')
  return name
end
local function settle(id)
  local name, reason = mend(id, true)
  if not name then removed[#removed + 1] = {reason or 'vanished', id} end
  return name
end
`;

/** For the scripts that take due jobs from `delayed`: BullMQ takes so many at once, none with a score below 0. */
const SETTLE_DELAYED = `
local due = redis.call('ZRANGE', base .. 'delayed', '-inf', (now + 1) * 4096 - 1, 'BYSCORE', 'LIMIT', 0, 1000, 'WITHSCORES')
if #due > 0 and not isCount(redis.call('GET', base .. 'pc')) then redis.call('DEL', base .. 'pc') end
for i = 1, #due, 2 do
  local id = settle(due[i])
  if id ~= due[i] then redis.call('ZREM', base .. 'delayed', due[i]) end
  if id and (id ~= due[i] or string.sub(due[i + 1], 1, 1) == '-') then redis.call('ZADD', base .. 'delayed', 0, id) end
end
`;

/** For the scripts that take the next job: the last of \`wait\`, else the first of \`prioritized\`. */
const SETTLE_NEXT = `
local waits
for _ = 1, 1000 do
  waits = redis.call('LINDEX', base .. 'wait', -1)
  local id = waits and settle(waits)
  if id == waits then break end
  redis.call('RPOP', base .. 'wait')
  if id then redis.call('RPUSH', base .. 'wait', id) end
end
for _ = 1, 1000 do
  local first = redis.call('ZRANGE', base .. 'prioritized', 0, 0, 'WITHSCORES')
  local id = not waits and first[1] and settle(first[1])
  if not id and (waits or not first[1]) or id == first[1] then break end
  redis.call('ZREM', base .. 'prioritized', first[1])
  if id then redis.call('ZADD', base .. 'prioritized', first[2], id) end
end
`;

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

/** Where a script has what the guard needs, and what the script goes on to touch. */
interface Guarded {
  readonly base: string;
  readonly now: string;
  readonly touches: string;
}

const GUARDED: Readonly<Record<string, Guarded>> = {
  moveToActive: { base: 'ARGV[1]', now: 'ARGV[2]', touches: SETTLE_DELAYED + SETTLE_NEXT },
  moveToFinished: {
    base: 'ARGV[7]',
    now: 'ARGV[2]',
    touches: `mend(ARGV[1])\nif ARGV[6] == '1' then ${SETTLE_DELAYED}${SETTLE_NEXT} end`,
  },
  moveToDelayed: {
    base: 'ARGV[1]',
    now: 'ARGV[2]',
    touches: `mend(ARGV[3])\nif ARGV[8] == '1' then ${SETTLE_DELAYED}${SETTLE_NEXT} end`,
  },
  retryJob: { base: 'ARGV[1]', now: 'ARGV[2]', touches: `mend(ARGV[4])\n${SETTLE_DELAYED}` },
  moveJobFromActiveToWait: {
    base: 'string.sub(ARGV[3], 1, -#ARGV[1] - 1)',
    now: '0',
    touches: 'mend(ARGV[1])',
  },
  moveStalledJobsToWait: { base: 'ARGV[2]', now: 'ARGV[3]', touches: SETTLE_ACTIVE },
};

/** BullMQ's scripts that have a guard. */
export const GUARDED_SCRIPTS: ReadonlySet<string> = new Set(Object.keys(GUARDED));

function guarded({ base, now, touches }: Guarded, script: string): string {
  return `
local removed = {}
local function guard()
local base, now = ${base}, ${now}
${FUNCTIONS}
${touches}
end
guard()
local function run()
${script}
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

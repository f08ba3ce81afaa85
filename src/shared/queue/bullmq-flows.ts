import { MAX_CHILDREN } from '../http-contract/limits.ts';
import { CANCEL_ASKED, CHILD_DEAD, UNHANDLED_SINCE } from './bullmq-fields.ts';

/*
 * Flows: a parent waits in the set `waiting-children` until its children have ended. BullMQ's keys say who waits for whom:
 *
 * - A child's hash has `parentKey`, and `parent` with the JSON `{id, queueKey}`. There `fpof` says that a dead child ends the
 *   parent, and `idof` that the parent runs all the same.
 * - `<parent>:dependencies` has the keys of the children that have not ended. `…:processed` has the results of those that
 *   completed, `…:unsuccessful` the dead ones with `fpof`, and `…:failed` the errors of the dead ones with `idof`.
 *
 * These scripts do to parents of the same queue what BullMQ's would do, and more: a parent is blocked just as long as each
 * of its children has completed or still can. BullMQ never undoes the death of a child, and leaves a parent in the set
 * whose child was removed. Parents in other queues are left to BullMQ's own scripts.
 */

/** More dead children of one task are not looked at: only other programs make such flows. */
export const MAX_DEAD_CHILDREN = 200;

/** What a dead parent's `defa` of BullMQ itself looks like: an older worker may have written it. */
const BULLMQ_CHILD_DEAD = /^child \S+:(\S+) failed$/;

/** Returns the error of a parent that a child's death ended, by its `defa`; undefined: that says something else. */
export function childDeathOf(defa: string): string | undefined {
  if (defa.startsWith(CHILD_DEAD)) return defa;
  const id = BULLMQ_CHILD_DEAD.exec(defa)?.[1];
  return id === undefined ? undefined : `${CHILD_DEAD}it waited for task ${id}, which is dead`;
}

/** Lua: Redis's time in milliseconds, as text. */
export const NOW = `
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
`;

/**
 * Lua: the children that a task waits for. The flows of other programs may be larger: what is left of these stays. It needs
 * the local `base`.
 */
export const CHILDREN_OF = `
local function childrenOf(id)
  local ids = {}
  local keys = redis.pcall('SRANDMEMBER', base .. id .. ':dependencies', ${MAX_CHILDREN})
  if keys.err then return ids end
  for _, key in ipairs(keys) do
    if string.sub(key, 1, #base) == base then ids[#ids + 1] = string.sub(key, #base + 1) end
  end
  return ids
end
`;

/**
 * Lua functions about the parent of a job. They need the locals `base` and `now`, and `noteEvent`. Whatever is damaged counts as not there:
 * these functions run within BullMQ's scripts, which must not fail half-way.
 */
export const FLOW = `
local function numberOf(reply) return type(reply) == 'number' and reply or 0 end
local function isOfThisQueue(parent)
  return type(parent) == 'table' and type(parent.id) == 'string' and parent.queueKey == string.sub(base, 1, -2)
end
local function parentOf(job)
  local raw = redis.pcall('HGET', job, 'parent')
  local isJson, parent = pcall(cjson.decode, type(raw) == 'string' and raw or '')
  return isJson and isOfThisQueue(parent) and parent or nil
end
local function enqueue(id, isAtOnce)
  local job = base .. id
  local fields = redis.pcall('HMGET', job, 'delay', 'priority', 'name')
  local delay = not isAtOnce and not fields.err and tonumber(fields[1] or nil) or 0
  local priority = math.min(math.max(1, not fields.err and tonumber(fields[2] or nil) or 1), 2097152)
  if not fields.err then redis.call('HSET', job, 'due', string.format('%.0f', tonumber(now) + delay)) end
  if delay > 0 then
    redis.call('ZADD', base .. 'delayed', (tonumber(now) + delay) * 4096, id)
    noteEvent('delayed', id, fields[3])
    local first = redis.call('ZRANGE', base .. 'delayed', 0, 0, 'WITHSCORES')[2]
    redis.call('ZADD', base .. 'marker', math.floor(first / 4096), '1')
    return
  end
  local count = numberOf(redis.pcall('INCR', base .. 'pc'))
  redis.call('ZADD', base .. 'prioritized', priority * 4294967296 + count % 4294967296, id)
  noteEvent('waiting', id, not fields.err and fields[3])
  if redis.call('HEXISTS', base .. 'meta', 'paused') == 0 then redis.call('ZADD', base .. 'marker', 0, '0') end
end
local function releaseIfReady(id)
  if numberOf(redis.pcall('SCARD', base .. id .. ':dependencies')) > 0 then return end
  if redis.call('ZREM', base .. 'waiting-children', id) == 1 then enqueue(id, false) end
end
-- Both return false for what is left to BullMQ.
local function childCompleted(parentKey, childKey, result)
  local id = string.sub(parentKey, #base + 1)
  if string.sub(parentKey, 1, #base) ~= base or string.find(id, ':', 1, true) then return false end
  if numberOf(redis.pcall('SREM', parentKey .. ':dependencies', childKey)) == 1 then
    redis.pcall('HSET', parentKey .. ':processed', childKey, result)
    releaseIfReady(id)
  end
  return true
end
local function childLost(child, reason, how)
  local childKey = base .. child
  local parent = parentOf(childKey)
  if not parent then return false end
  local parentKey = base .. parent.id
  if not (parent.fpof or parent.idof or parent.rdof) then return false end
  if numberOf(redis.pcall('SREM', parentKey .. ':dependencies', childKey)) == 0 then return true end
  if parent.fpof then
    redis.pcall('ZADD', parentKey .. ':unsuccessful', now, childKey)
    if redis.call('ZREM', base .. 'waiting-children', parent.id) == 1 then
      redis.pcall('HSET', parentKey, 'defa', '${CHILD_DEAD}it waited for task ' .. child .. ', which ' .. how)
      enqueue(parent.id, true)
    end
    return true
  end
  if not parent.rdof then redis.pcall('HSET', parentKey .. ':failed', childKey, reason) end
  releaseIfReady(parent.id)
  return true
end
`;

/** In the script that stores an end: what it does to the job's parent, and what becomes of that. */
export const OF_PARENT: Readonly<Record<string, string>> = {
  'if rcall("SREM", dependenciesSet, jobIdKey) == 1 then':
    'if not childCompleted(parentKey, jobIdKey, ARGV[4]) and rcall("SREM", dependenciesSet, jobIdKey) == 1 then',
  'moveChildFromDependenciesIfNeeded(jobAttributes[2], jobIdKey, ARGV[4], timestamp)\n':
    "if not childLost(ARGV[1], ARGV[4], 'is dead') then moveChildFromDependenciesIfNeeded(jobAttributes[2], jobIdKey, ARGV[4], timestamp) end\n",
  'if maxMetricsSize ~= "" then':
    'if ARGV[5] == "failed" then reviveAtEnd(ARGV[1]) end\nif maxMetricsSize ~= "" then',
};

/** Lua: what a job keeps of its runs. `stc` counts how often it stalled, `ats` its starts and `atm` its attempts. */
export const FORGET_RUNS = `
local function forgetRuns(job)
  redis.call('HDEL', job, 'stc', 'ats', 'atm', 'finishedOn', 'processedOn', 'failedReason', 'defa', 'progress',
    '${UNHANDLED_SINCE}', '${CANCEL_ASKED}')
end
`;

/**
 * Lua, for scripts that queue dead jobs again: it needs FLOW, `reset(job)`, which makes a job look new, and `note(job)`, which
 * notes who asked. A parent that died of its child alone is blocked again once no child is dead, and so on up. While a worker
 * ends the parent, it only gets the note: REVIVE_AT_END does the rest.
 */
export const REVIVE = `
local revived = {}
local function isRevived(id)
  for _, other in ipairs(revived) do if other == id then return true end end
  return false
end
local function waitsFor(job) return numberOf(redis.pcall('SCARD', job .. ':dependencies')) > 0 end
local function hasDeadChild(job) return numberOf(redis.pcall('ZCARD', job .. ':unsuccessful')) > 0 end
local attach
local function reviveParent(id)
  local job = base .. id
  local fields = redis.pcall('HMGET', job, 'defa', 'failedReason', 'name')
  if fields.err then return end
  local text = fields[1] or fields[2] or ''
  if string.sub(text, 1, ${CHILD_DEAD.length}) ~= '${CHILD_DEAD}' then return end
  local wasQueued = fields[1] and redis.call('ZREM', base .. 'prioritized', id) == 1
  local isEnding = not wasQueued and redis.call('ZREM', base .. 'failed', id) == 0
  if isEnding and not fields[1] then return end
  note(job)
  revived[#revived + 1] = id
  if isEnding then return end
  reset(job)
  redis.call('ZADD', base .. 'waiting-children', now, id)
  noteEvent('waiting-children', id, fields[3])
  if not wasQueued then attach(id) end
end
attach = function(id)
  local job = base .. id
  local parent = parentOf(job)
  if not parent then return end
  local parentKey = base .. parent.id
  if numberOf(redis.pcall('ZREM', parentKey .. ':unsuccessful', job)) == 1 then
    redis.call('SADD', parentKey .. ':dependencies', job)
    if not hasDeadChild(parentKey) then reviveParent(parent.id) end
  elseif redis.call('ZSCORE', base .. 'waiting-children', parent.id)
    and numberOf(redis.pcall('HDEL', parentKey .. ':failed', job)) == 1 then
    redis.call('SADD', parentKey .. ':dependencies', job)
  end
end
`;

/**
 * Lua, for the script that stores an end: it needs FLOW. The job's dead children may have been retried while a worker ended it.
 * A damaged set of dead children is none that is empty.
 */
export const REVIVE_AT_END = `${FORGET_RUNS}
local reset = forgetRuns
local function note() end
${REVIVE}
local function reviveAtEnd(id)
  if redis.pcall('ZCARD', base .. id .. ':unsuccessful') ~= 0 then return end
  reviveParent(id)
  if isRevived(id) then releaseIfReady(id) end
end
`;

import type { Redis } from 'ioredis';
import { KEEP_END, WEBHOOKS_ON } from './bullmq-outbox.ts';
import { PAUSED_TYPES } from './bullmq-schema.ts';
import { createScript } from './script.ts';

/*
 * BullMQ's script that stores the end of a job also takes the next one. A busy worker sends no other, so its cost bounds how
 * fast a queue can be. Most jobs complete, belong to no flow, and are followed by a job of the same kind. For these the fast
 * path does the same with fewer arguments, commands and functions. It reads first. Where anything is out of the ordinary it
 * leaves all as it was, and BullMQ's script with its guard does the work. A test compares what both leave in Redis.
 */

/** BullMQ's keys that lie beside those of jobs: an entry with such a name is none of a job. */
const OWN_KEYS =
  '  active wait waiting-children paused id delayed prioritized stalled-check completed failed stalled repeat limiter meta events pc marker de ';

/** Lua functions. HINCRBY takes no other numbers than those of `isCount`. `base` is what all keys begin with. */
export const CHECKS = `
local function isCount(text)
  return not text or text == '0' or #text <= 15 and string.find(text, '^[1-9]%d*$') ~= nil
end
local function isOwnKey(id)
  return #id < 17 and string.find('${OWN_KEYS}', ' ' .. id .. ' ', 1, true) ~= nil
end
`;

/**
 * KEYS: the job. ARGV: its id, the time in ms, its result, the token of its lock, whether to take the next job, the
 * duration of that one's lock in ms, the worker's name, how many completed jobs to keep, and for how many seconds. Returns
 * what BullMQ's `moveToFinished` does; nil: it did nothing.
 * - `flat` is the next job's hash, and `at` says where in it the value of a field is.
 * - A command may fail whose key has a wrong type. Before the first change such a reply counts as out of the ordinary. After it
 *   only the events, the marker and the stalled jobs can fail: they must not hinder the change, and workers put such a key
 *   aside soon.
 * - ZPOPMIN is the first change. ZADD with the same score undoes it.
 * - Redis formats each number that is an argument, and that takes as long as a short command: so they are texts.
 */
const END_AND_TAKE = createScript(String.raw`
local job, id, now, token = KEYS[1], ARGV[1], ARGV[2], ARGV[4]
local base, lock, time, takes = string.sub(job, 1, -#id - 1), job .. ':lock', tonumber(now), ARGV[5] == '1'
local active, events, completed, prioritized = base .. 'active', base .. 'events', base .. 'completed', base .. 'prioritized'
${CHECKS}
local fields = redis.pcall('HMGET', job, 'name', 'ats', 'atm', 'stc', 'priority', 'parent', 'parentKey', 'deid')
if not fields[1] or fields[6] or fields[7] or fields[8] or not (isCount(fields[2]) and isCount(fields[3])
  and isCount(fields[4]) and isCount(fields[5])) or isOwnKey(id) or string.find(id, '[\128-\255]') then return end
if redis.pcall('GET', lock) ~= token then return end
local children, deadChildren, wait, pausedTypes = job .. ':dependencies', job .. ':unsuccessful', base .. 'wait', base .. '${PAUSED_TYPES}'
local hasWebhooks = redis.call('EXISTS', children, deadChildren, wait, pausedTypes, base .. '${WEBHOOKS_ON}') > 0
if hasWebhooks and redis.call('EXISTS', children, deadChildren, wait, pausedTypes) > 0 then return end
local meta = redis.pcall('HMGET', base .. 'meta', 'opts.maxLenEvents', 'paused', 'concurrency', 'max')
if not meta[1] or meta[1] == '0' or not isCount(meta[1]) or meta[2] or meta[3] or meta[4] then return end
local oldest = redis.pcall('ZRANGE', completed, '0', '-' .. ARGV[8], 'WITHSCORES')
local old = oldest[1]
if not old then oldest = redis.pcall('ZRANGE', completed, '0', '0', 'WITHSCORES')
elseif old == id or oldest[3] or tonumber(oldest[2]) >= time or redis.pcall('HGET', base .. old, 'parentKey') then return end
if oldest.err or oldest[2] and tonumber(oldest[2]) <= time - ARGV[9] * 1000 then return end

local first, next, score, nextJob, flat, at
local isUsual = true
if takes then
  first = redis.pcall('ZRANGE', base .. 'delayed', '0', '0', 'WITHSCORES')
  if first.err or first[2] and tonumber(first[2]) < (time + 1) * 4096 then return end
  local popped = redis.pcall('ZPOPMIN', prioritized)
  if popped.err then return end
  next, score = popped[1], popped[2]
end
if next then
  nextJob, at = base .. next, {}
  flat = redis.pcall('HGETALL', nextJob)
  for i = 1, #flat, 2 do at[flat[i]] = i + 1 end
  isUsual = next ~= old and at.name and not (at.parent or at.parentKey or at.finishedOn) and isCount(flat[at.ats or 0])
    and isCount(flat[at.atm or 0]) and isCount(flat[at.stc or 0]) and isCount(flat[at.priority or 0])
    and not (isOwnKey(next) or string.find(next, '[\128-\255]') or at.ats and redis.pcall('LPOS', active, next))
end
if not isUsual or redis.pcall('LREM', active, '-1', id) ~= 1 then
  if next then redis.call('ZADD', prioritized, score, next) end
  return
end

redis.call('DEL', lock)
redis.pcall('SREM', base .. 'stalled', id)
redis.call('ZADD', completed, now, id)
redis.call('HSET', job, 'atm', string.format('%.0f', (fields[3] or 0) + 1), 'returnvalue', ARGV[3], 'finishedOn', now)
if old then
  local key = base .. old
  redis.call('ZREM', completed, old)
  redis.call('DEL', key, key .. ':logs', key .. ':dependencies', key .. ':processed', key .. ':failed',
    key .. ':unsuccessful')
end
redis.pcall('XADD', events, 'MAXLEN', '~', meta[1], '*', 'event', 'completed', 'jobId', id, 'name', fields[1],
  'prev', 'active')
if hasWebhooks then
  ${KEEP_END}
  keepEnd('completed', id, fields[1])
end
if not next then
  if takes then redis.call('DEL', base .. 'pc') end
  if first and first[2] then return {0, 0, 0, tonumber(first[2]) / 4096} end
  if redis.call('LLEN', active) == 0 and (takes or redis.pcall('ZCARD', prioritized) == 0) then
    redis.pcall('XADD', events, '*', 'event', 'drained')
  end
  return 0
end
redis.call('LPUSH', active, next)
redis.call('SET', nextJob .. ':lock', token, 'PX', ARGV[6])
redis.pcall('XADD', events, '*', 'event', 'active', 'jobId', next, 'prev', 'waiting')
local starts = string.format('%.0f', (flat[at.ats or 0] or 0) + 1)
redis.call('HSET', nextJob, 'processedOn', now, 'ats', starts, 'pb', ARGV[7])
redis.pcall('ZADD', base .. 'marker', '0', '0')
if not at.ats then
  at.ats = #flat + 2
  flat[#flat + 1] = 'ats'
end
flat[at.ats] = starts
if not at.processedOn then
  at.processedOn = #flat + 2
  flat[#flat + 1] = 'processedOn'
end
flat[at.processedOn] = now
return {flat, next, 0, 0}
`);

/** The end of a job that completed. */
export interface UsualEnd {
  readonly id: string;
  /** JSON. */
  readonly result: string;
  /** Of the job's lock, and of the next one's. */
  readonly token: string;
  /** By Redis's clock. */
  readonly nowMs: number;
  readonly takesNext: boolean;
  readonly lockMs: number;
  readonly worker: string;
  /** Of the completed jobs: how many, and for how many seconds. */
  readonly keep: { readonly count: number; readonly age: number };
}

/**
 * Stores the end of a job, and takes the next one. Returns the reply of BullMQ's script: 0, or the next job's hash and id, the wait
 * for a limit, and when the first delayed job is due. Undefined: nothing was done.
 */
export async function endAndTake(redis: Redis, jobKey: string, end: UsualEnd): Promise<unknown> {
  const { id, result, token, nowMs, takesNext, lockMs, worker, keep } = end;
  const args = [id, nowMs, result, token, takesNext ? '1' : '0', lockMs, worker, keep.count, keep.age];
  return (await END_AND_TAKE(redis, [jobKey], args)) ?? undefined;
}

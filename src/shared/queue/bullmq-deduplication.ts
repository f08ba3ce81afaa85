import { DEBOUNCED, STANDS_IN } from './bullmq-fields.ts';

/*
 * Deduplication: BullMQ's key `de:<name>` has the id of the task that stands for all with this name, and the hash of the task
 * has the name as `deid`. A key without an expiry goes when its task ends: BullMQ's script that stores ends does that. A key
 * with one goes when it expires. Names begin with the event type, so they are of one type only.
 */

/** What a submission says of its deduplication. */
export interface Deduplication {
  /** `<event type>:<id>`. */
  readonly name: string;
  readonly mode: 'simple' | 'throttle' | 'debounce';
  /** 0 for `simple`. */
  readonly ttlMs: number;
  /** See DEBOUNCED. */
  readonly firstPayload: string;
}

/**
 * Lua for the script that adds tasks: it needs the locals of ADDING. `standIn` returns the id of the task that stands for a new
 * one, which is not added then. With `debounce` that task waits for its time: it takes over the data and waits anew.
 */
export const DEDUPLICATE = `
local function hasEnded(id)
  return redis.call('ZSCORE', base .. 'completed', id) or redis.call('ZSCORE', base .. 'failed', id)
end
local function standIn(id, data, opts, name, mode, ttl)
  if isTaken(id) then return end
  local key = base .. 'de:' .. name
  local current = redis.pcall('GET', key)
  if type(current) ~= 'string' then return end
  local job = base .. current
  local exists = redis.call('TYPE', job).ok == 'hash'
  if mode == 'debounce' then
    if not exists or not redis.call('ZSCORE', base .. 'delayed', current) then return end
    if redis.call('HEXISTS', job, 'ats') == 1 or redis.call('HEXISTS', job, '${DEBOUNCED}') == 0 then return end
    local created = tonumber(redis.call('HGET', job, 'timestamp')) or now
    local options = cjson.decode(opts)
    options.delay = now - created + ttl
    redis.call('HSET', job, 'data', data, 'opts', cjson.encode(options), 'delay',
      string.format('%.0f', options.delay), '${STANDS_IN}', '1')
    redis.call('ZADD', KEYS[2], (now + ttl) * 4096, current)
    redis.call('SET', key, current, 'PX', ttl)
    delays = true
    noteEvent('delayed', current, redis.call('HGET', job, 'name'))
    return current
  end
  local pttl = redis.call('PTTL', key)
  local waitsOrRuns = exists and not hasEnded(current)
  if waitsOrRuns then redis.call('HSET', job, '${STANDS_IN}', '1') end
  if mode == 'throttle' and pttl > 0 or waitsOrRuns then return current end
end
local function claim(id, name, mode, ttl, firstPayload)
  local key = base .. 'de:' .. name
  redis.call('HSET', base .. id, 'deid', name)
  if mode == 'debounce' then redis.call('HSET', base .. id, '${DEBOUNCED}', firstPayload) end
  if redis.call('TYPE', key).ok ~= 'string' then redis.call('DEL', key) end
  if ttl > 0 then redis.call('SET', key, id, 'PX', ttl) else redis.call('SET', key, id) end
end
`;

/** A Lua function for scripts that remove or end a task: another one of its name may be added then. It needs the local `base`. */
export const FREE_NAME = `
local function freeName(id, isRemoved)
  local name = redis.pcall('HGET', base .. id, 'deid')
  if type(name) ~= 'string' then return end
  local key = base .. 'de:' .. name
  if redis.pcall('GET', key) ~= id then return end
  if isRemoved or redis.call('PTTL', key) < 0 then redis.call('DEL', key) end
end
`;

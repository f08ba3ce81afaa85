import type { Redis } from 'ioredis';
import { announce, MAX_WORKERS } from './announcements.ts';
import { parseJson } from './bullmq-fields.ts';
import { createScript } from './script.ts';
import { WORKER_MAX_AGE_MS } from './worker-registry.ts';

/** What the module of a worker's handlers has. `schedules` are by id, each as the body of `PUT /api/schedules/{id}`. */
export interface Declaration {
  readonly event_types: readonly string[];
  readonly schedules: Readonly<Record<string, unknown>>;
}

const keysOf = (prefix: string) => [`${prefix}:schedule-workers`, `${prefix}:schedule-declarations`];

const WITHDRAW = createScript(`
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
`);

/** Returns the different declarations of live workers, each after the time when a worker first announced it last. */
const READ = createScript(`
local now = redis.call('TIME')[1] * 1000
local live = redis.call('ZRANGE', KEYS[1], now - ${WORKER_MAX_AGE_MS} + 1, '+inf', 'BYSCORE', 'LIMIT', 0, ${MAX_WORKERS})
local texts, latest = {}, {}
for _, worker in ipairs(live) do
  local since, text = string.match(redis.call('HGET', KEYS[2], worker) or '', '^(%d+)\\n(.*)$')
  if text then
    if not latest[text] then texts[#texts + 1] = text end
    latest[text] = math.max(latest[text] or 0, tonumber(since))
  end
end
local reply = {}
for _, text in ipairs(texts) do
  reply[#reply + 1] = string.format('%.0f', latest[text])
  reply[#reply + 1] = text
end
return reply
`);

/** Announces what a worker's module declares. Never rejects: the next announcement may succeed. */
export function announceSchedules(
  redis: Redis,
  prefix: string,
  worker: string,
  declaration: Declaration,
): Promise<void> {
  const text = JSON.stringify(declaration);
  return announce(redis, keysOf(prefix), { id: worker, text, keptMs: WORKER_MAX_AGE_MS });
}

/** Never rejects: after 30 s without an announcement the worker counts as dead anyway. */
export async function withdrawSchedules(redis: Redis, prefix: string, worker: string): Promise<void> {
  await WITHDRAW(redis, keysOf(prefix), [worker]).catch(() => undefined);
}

/** Returns the different declarations of live workers, that of the worker that started last first. */
export async function readDeclarations(redis: Redis, prefix: string): Promise<Declaration[]> {
  const reply = (await READ(redis, keysOf(prefix), [])) as string[]; // as in the script
  const found: { since: number; declaration: Declaration }[] = [];
  for (let at = 0; at < reply.length; at += 2) {
    const declaration = parseDeclaration(reply[at + 1]);
    if (declaration !== undefined) found.push({ since: Number(reply[at]), declaration });
  }
  return found.sort((a, b) => b.since - a.since).map(({ declaration }) => declaration);
}

/** Anything may be in Redis. */
function parseDeclaration(text: string | undefined): Declaration | undefined {
  const { event_types, schedules } = (parseJson(text) ?? {}) as Partial<Declaration>; // checked below
  if (!Array.isArray(event_types) || typeof schedules !== 'object' || schedules === null) return undefined;
  return { event_types: event_types.filter((type) => typeof type === 'string'), schedules };
}

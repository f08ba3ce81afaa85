import type { Redis } from 'ioredis';
import type { KeyOf } from './bullmq-schema.ts';

/*
 * The ends of tasks that webhooks still have to tell: a stream of asdlc's own. The script that stores the end of a task
 * writes its entry too, so neither is there without the other. Workers with webhooks turn each entry into deliveries,
 * and remove it then.
 */

/** The event type of deliveries. Their own ends are told to nobody. */
export const WEBHOOK_EVENT_TYPE = 'asdlc.webhook';

export const OUTBOX = 'asdlc:webhooks:outbox';

/** While this key is there, ends are kept. Workers with webhooks set it again and again. */
export const WEBHOOKS_ON = 'asdlc:webhooks:on';

/** For so long after the last such worker has gone. */
const ON_SECONDS = 7 * 86_400;

/** Webhooks whose receiver answered 410, by name. */
export const WEBHOOKS_OFF = 'asdlc:webhooks:off';

/** Without workers that take them, the outbox keeps the newest. */
const MOST_KEPT = 100_000;

/** A Lua function. It needs the local `base`. A damaged outbox must not hinder the end of a task. */
export const KEEP_END = `
local function keepEnd(event, id, name)
  if name ~= '${WEBHOOK_EVENT_TYPE}' and redis.call('EXISTS', base .. '${WEBHOOKS_ON}') == 1 then
    redis.pcall('XADD', base .. '${OUTBOX}', 'MAXLEN', '~', ${MOST_KEPT}, '*', 'event', event, 'id', id,
      'name', name or '')
  end
end
`;

/** The end of a task. */
export interface KeptEnd {
  /** Of its own, for ever: Unix milliseconds and a number. */
  readonly place: string;
  readonly id: string;
  readonly eventType: string;
  readonly status: 'completed' | 'dead';
}

/** Lets scripts keep the ends of tasks from now on. */
export async function keepEnds(redis: Redis, keyOf: KeyOf): Promise<void> {
  await redis.set(keyOf(WEBHOOKS_ON), '1', 'EX', ON_SECONDS);
}

/** Returns the oldest ends, and how many there are. */
export async function readOutbox(
  redis: Redis,
  keyOf: KeyOf,
  most: number,
): Promise<{ ends: readonly KeptEnd[]; size: number }> {
  const [entries, size] = await Promise.all([
    redis.xrange(keyOf(OUTBOX), '-', '+', 'COUNT', most),
    redis.xlen(keyOf(OUTBOX)),
  ]);
  const ends = entries.map(([place, pairs]): KeptEnd => {
    const fields = new Map<string, string>();
    for (let at = 0; at < pairs.length; at += 2) fields.set(pairs[at] ?? '', pairs[at + 1] ?? '');
    return {
      place,
      id: fields.get('id') ?? '',
      eventType: fields.get('name') ?? '',
      status: fields.get('event') === 'completed' ? 'completed' : 'dead',
    };
  });
  return { ends, size };
}

/** Removes ends whose deliveries are queued. */
export async function removeFromOutbox(redis: Redis, keyOf: KeyOf, places: readonly string[]): Promise<void> {
  await redis.xdel(keyOf(OUTBOX), ...places);
}

/** Returns the webhooks that are off, by name: the value that `turnOff` got. */
export function readTurnedOff(redis: Redis, keyOf: KeyOf): Promise<Record<string, string>> {
  return redis.hgetall(keyOf(WEBHOOKS_OFF));
}

export async function turnOff(redis: Redis, keyOf: KeyOf, name: string, value: string): Promise<void> {
  await redis.hset(keyOf(WEBHOOKS_OFF), name, value);
}

export async function turnOn(redis: Redis, keyOf: KeyOf, name: string): Promise<void> {
  await redis.hdel(keyOf(WEBHOOKS_OFF), name);
}

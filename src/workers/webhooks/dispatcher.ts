import type { Redis } from 'ioredis';
import type { WebhookObserver } from '../../infrastructure/metrics/index.ts';
import { timeOfPlace } from '../../shared/queue/bullmq-events.ts';
import {
  type KeptEnd,
  keepEnds,
  readOutbox,
  readTurnedOff,
  removeFromOutbox,
  WEBHOOK_EVENT_TYPE,
} from '../../shared/queue/bullmq-outbox.ts';
import type { KeyOf } from '../../shared/queue/bullmq-schema.ts';
import { addTasks, type NewTask } from '../../shared/queue/bullmq-tasks.ts';
import { BACKOFF_TYPE } from '../../shared/queue/queue.ts';
import { QUEUE_NAME } from '../../shared/queue-names.ts';
import { type DeliveryPayload, urlDigest } from './delivery.ts';
import { type Webhook, wants } from './webhooks-file.ts';

const INTERVAL_MS = 500;
const KEEP_INTERVAL_MS = 60_000;
/** Redis does nothing else for a millisecond or so. */
const ENDS_AT_ONCE = 50;
const RETRY_DELAY_MS = 5_000;

/** A queue whose ends this process tells. Their deliveries go to the same queue: this process serves it. */
interface ServedQueue {
  readonly queue: string;
  readonly keyOf: KeyOf;
}

export interface DispatcherOptions {
  readonly queues: readonly ServedQueue[];
  /** Those of the file as it is now. */
  readonly webhooks: () => readonly Webhook[];
  /** A connection for request paths. */
  readonly redis: Redis;
  /** Of the default queue: what is kept of webhooks is there. */
  readonly keyOf: KeyOf;
  readonly observer: WebhookObserver;
  /** Called with each error of a command. The next round may succeed. */
  readonly onRedisError: (error: Error) => void;
}

/**
 * Turns ends of tasks into deliveries, which are tasks too. A delivery's id comes from its end: workers that do the same
 * at once, or one that dies in between, make no second one. Returns a function that stops it.
 */
export function startDispatcher(options: DispatcherOptions): () => void {
  const { redis, queues, onRedisError } = options;
  let isStopped = false;
  let keptAtMs = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  const round = async () => {
    if (redis.status !== 'ready') return;
    if (options.webhooks().length === 0) return options.observer.outbox(0); // other processes may have some
    if (performance.now() - keptAtMs > KEEP_INTERVAL_MS) {
      await Promise.all(queues.map(({ keyOf }) => keepEnds(redis, keyOf)));
      keptAtMs = performance.now();
    }
    let left = 0;
    for (const queue of queues) left += await tellEnds(options, queue, () => isStopped);
    options.observer.outbox(left);
  };
  const next = () => {
    round()
      .catch(onRedisError)
      .finally(() => {
        if (!isStopped) timer = setTimeout(next, INTERVAL_MS).unref();
      });
  };
  redis.on('ready', () => {
    keptAtMs = Number.NEGATIVE_INFINITY; // it may be another Redis
  });
  next();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}

/** Makes deliveries until none is left to make. Returns how many ends there were at first. */
async function tellEnds(
  options: DispatcherOptions,
  served: ServedQueue,
  isStopped: () => boolean,
): Promise<number> {
  let first: number | undefined;
  while (!isStopped()) {
    const { ends, size } = await readOutbox(options.redis, served.keyOf, ENDS_AT_ONCE);
    first ??= size;
    if (ends.length > 0) await dispatch(options, served, ends);
    if (ends.length < ENDS_AT_ONCE) break;
  }
  return first ?? 0;
}

async function dispatch(
  { webhooks, redis, keyOf, observer }: DispatcherOptions,
  served: ServedQueue,
  ends: readonly KeptEnd[],
): Promise<void> {
  const off = await readTurnedOff(redis, keyOf);
  const isOff = (webhook: Webhook) => off[webhook.name] === urlDigest(webhook);
  const wanted = ends.flatMap((end) =>
    webhooks()
      .filter((webhook) => wants(webhook, end.status, end.eventType))
      .map((webhook) => ({ end, webhook })),
  );
  const deliveries = wanted.filter(({ webhook }) => !isOff(webhook));
  if (deliveries.length > 0)
    await addTasks(
      redis,
      served.keyOf,
      deliveries.map((each) => newDelivery(served.queue, each)),
    );
  await removeFromOutbox(
    redis,
    served.keyOf,
    ends.map(({ place }) => place),
  );
  for (const { webhook } of wanted) if (isOff(webhook)) observer.tried(webhook.name, 'skipped');
}

function newDelivery(queue: string, { end, webhook }: { end: KeptEnd; webhook: Webhook }): NewTask {
  const { place, id, eventType, status } = end;
  const payload: DeliveryPayload = {
    webhook: webhook.name,
    message: {
      type: `task.${status}`,
      timestamp: new Date(timeOfPlace(place)).toISOString(),
      data: { id, event_type: eventType, status },
    },
  };
  return {
    id: `webhook-${webhook.name}-${queue === QUEUE_NAME ? '' : `${queue}-`}${place}`,
    eventType: WEBHOOK_EVENT_TYPE,
    data: JSON.stringify({ payload }),
    opts: JSON.stringify({
      attempts: webhook.attempts,
      backoff: { type: BACKOFF_TYPE, delay: RETRY_DELAY_MS },
      stackTraceLimit: 5,
    }),
    delayMs: 0,
    priority: 0,
  };
}

import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { WebhookObserver } from '../../infrastructure/metrics/index.ts';
import { turnOff, turnOn } from '../../shared/queue/bullmq-outbox.ts';
import type { KeyOf } from '../../shared/queue/bullmq-schema.ts';
import { failure, permanentFailure } from '../attempts/failure.ts';
import type { TaskContext, TaskHandler } from '../handler.ts';
import { signedHeaders } from './signature.ts';
import type { Webhook } from './webhooks-file.ts';

/** What a receiver gets. */
export interface WebhookMessage {
  readonly type: 'task.completed' | 'task.dead';
  /** When the task ended: ISO 8601, by Redis's clock. */
  readonly timestamp: string;
  readonly data: { readonly id: string; readonly event_type: string; readonly status: 'completed' | 'dead' };
}

/** The payload of a delivery's task. It has no URL and no secret: these are in the file alone. */
export interface DeliveryPayload {
  readonly webhook: string;
  readonly message: WebhookMessage;
}

export interface DeliveryDependencies {
  /** Those of the file as it is now. */
  readonly webhooks: () => readonly Webhook[];
  /** A connection for request paths. */
  readonly redis: Redis;
  readonly keyOf: KeyOf;
  /** Redis's time. */
  readonly clock: { now(): number };
  readonly observer: WebhookObserver;
}

/**
 * Returns the handler of deliveries. A 2xx ends one. After a 410 it is dead, and so are later ones until the URL changes
 * or a retry by hand gets a 2xx. All else is tried again. No redirect is followed.
 */
export function createDelivery({
  webhooks,
  redis,
  keyOf,
  clock,
  observer,
}: DeliveryDependencies): TaskHandler {
  return async (task) => {
    const { webhook: name, message } = task.payload as DeliveryPayload; // no client may submit such a task
    const webhook = webhooks().find((one) => one.name === name);
    if (webhook === undefined)
      // Not for good: another process may have read the changed file before this one.
      throw failure('error', `expected a webhook of WEBHOOKS_FILE; got ${JSON.stringify(name)}`);
    const outcome = await send(webhook, task, JSON.stringify(message), clock.now());
    if (typeof outcome === 'number' && outcome >= 200 && outcome < 300) {
      observer.tried(name, 'delivered');
      await turnOn(redis, keyOf, name).catch(() => undefined); // the next delivery does it
      return { status: outcome };
    }
    if (outcome === 410) {
      observer.tried(name, 'gone');
      await turnOff(redis, keyOf, name, urlDigest(webhook));
      task.logger.error(
        { webhook: name },
        'the receiver of a webhook answered 410: it gets no more deliveries',
      );
      throw permanentFailure('not_retryable', 'expected a 2xx; got 410: the webhook is turned off');
    }
    observer.tried(name, 'failed');
    throw failure('error', `expected a 2xx within ${webhook.timeoutMs / 1000} s; got ${outcome}`);
  };
}

/** What a webhook is turned off with: another URL turns it on again. */
export function urlDigest({ url }: Webhook): string {
  return createHash('sha256').update(url).digest('hex').slice(0, 16);
}

/** Returns the status of the answer, or why there is none. The texts of errors do not have the URL's path. */
async function send(
  { url, secrets, timeoutMs }: Webhook,
  { id, signal, traceparent }: TaskContext,
  body: string,
  nowMs: number,
): Promise<number | string> {
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, {
      method: 'POST',
      body,
      redirect: 'manual',
      signal: AbortSignal.any([signal, limit]),
      headers: {
        'content-type': 'application/json',
        'user-agent': 'asdlc-webhooks',
        ...(traceparent !== undefined && { traceparent }),
        ...signedHeaders({ id, timestamp: Math.floor(nowMs / 1000), body }, secrets),
      },
    });
    await response.body?.cancel();
    return response.status;
  } catch (error) {
    signal.throwIfAborted();
    if (limit.aborted) return 'none';
    const { code } = ((error as Error).cause ?? {}) as { code?: string }; // errors of the system have one
    return `no answer (${code ?? 'the connection failed'})`;
  }
}

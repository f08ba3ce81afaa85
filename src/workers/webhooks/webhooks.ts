import type { WebhookObserver } from '../../infrastructure/metrics/index.ts';
import { AsdlcError } from '../../shared/errors.ts';
import { WEBHOOK_EVENT_TYPE } from '../../shared/queue/bullmq-outbox.ts';
import type { Logger } from '../../shared/service/logging.ts';
import type { HandlerModule, TaskHandler } from '../handler.ts';
import { followWebhooks, type Webhook } from './webhooks-file.ts';

/** The webhooks of WEBHOOKS_FILE; none without it. A change of the file takes effect within seconds; one that is wrong changes nothing. */
export function keepWebhooks(
  path: string | undefined,
  first: readonly Webhook[],
  observer: WebhookObserver,
  logger: Logger,
): { readonly current: () => readonly Webhook[]; readonly stop: () => void } {
  let current = first;
  const use = (webhooks: readonly Webhook[]) => {
    current = webhooks;
    observer.know(webhooks.map(({ name }) => name));
  };
  use(first);
  if (path === undefined) return { current: () => current, stop: () => undefined };
  const stop = followWebhooks(path, first, {
    onChange: (webhooks) => {
      use(webhooks);
      logger.info(
        { webhooks: webhooks.map(({ name }) => name) },
        'the webhooks of WEBHOOKS_FILE have changed',
      );
    },
    onInvalid: ({ message }) =>
      logger.error(
        { reason: message },
        'WEBHOOKS_FILE has changed and cannot be used; the webhooks that it had stay',
      ),
  });
  return { current: () => current, stop };
}

/** Returns the module with the handler of deliveries. They take up half of the slots, so that a receiver that hangs holds up no other task. */
export function withDeliveries(module: HandlerModule, deliver: TaskHandler, slots: number): HandlerModule {
  const concurrency = Math.max(1, Math.floor(slots / 2));
  return {
    ...module,
    handlers: { ...module.handlers, [WEBHOOK_EVENT_TYPE]: deliver },
    settings: { ...module.settings, [WEBHOOK_EVENT_TYPE]: { concurrency, timeoutSeconds: 70 } },
  };
}

/** Throws ASDLC_HANDLERS_INVALID for a module with a handler of that name: it would get, or hide, deliveries. */
export function refuseOwnDeliveries({ handlers }: HandlerModule): void {
  if (!Object.hasOwn(handlers, WEBHOOK_EVENT_TYPE)) return;
  throw new AsdlcError(
    'ASDLC_HANDLERS_INVALID',
    500,
    `WORKER_HANDLERS: expected no handler of ${WEBHOOK_EVENT_TYPE}, which is asdlc's own; got one`,
  );
}

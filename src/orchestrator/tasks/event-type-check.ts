import { inputInvalid, unknownEventType } from '../../shared/errors.ts';
import { WEBHOOK_EVENT_TYPE } from '../../shared/queue/bullmq-outbox.ts';
import type { Unannounced } from '../../shared/queue/event-types.ts';
import { lookUp } from './look-up.ts';

/** Names the event types of a 202 that no live worker has announced. An item as RFC 9651 defines it. */
export const WARNING_HEADER = 'asdlc-warning';

/** A header names no more types than these: a batch may have a thousand. */
const MAX_NAMED = 10;

export interface EventTypeCheckOptions {
  readonly eventTypes: { unannounced(types: Iterable<string>): Promise<Unannounced> };
  readonly policy: 'accept' | 'refuse';
}

/** Runs `submit`. Returns its result, and the warning that belongs to it. */
export type EventTypeCheck = <T>(
  types: readonly string[],
  submit: () => Promise<T>,
) => Promise<{ result: T; warning: string | undefined }>;

/**
 * Compares the event types of submissions with those that live workers have announced. With the policy `refuse` it throws
 * ASDLC_UNKNOWN_EVENT_TYPE, and nothing is submitted. While no worker is live, as in a deployment that stops the old
 * workers first, nobody knows the types: then it refuses nothing. Redis is asked once a second at most, beside the
 * submission. Throws ASDLC_INPUT_INVALID for deliveries of webhooks: the workers would sign what a client wrote.
 */
export function createEventTypeCheck({ eventTypes, policy }: EventTypeCheckOptions): EventTypeCheck {
  return async (types, submit) => {
    if (types.includes(WEBHOOK_EVENT_TYPE))
      throw inputInvalid(
        `event_type: expected one of your own; got ${WEBHOOK_EVENT_TYPE}, of which only workers make tasks`,
      );
    const asked = eventTypes.unannounced(types);
    if (policy === 'refuse') {
      const unannounced = await lookUp(asked);
      if (unannounced?.isAnyWorkerLive && unannounced.types.length > 0)
        throw unknownEventType(unannounced.types.slice(0, MAX_NAMED));
    }
    const result = await submit();
    return { result, warning: warningOf(await asked) };
  };
}

/** The types match EVENT_TYPE_PATTERN, so they need no escapes. */
function warningOf({ types }: Unannounced): string | undefined {
  if (types.length === 0) return undefined;
  const named = types.slice(0, MAX_NAMED).join(' ');
  return `unknown-event-type; event_types="${named}"; count=${types.length}`;
}

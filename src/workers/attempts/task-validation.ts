import { checkPayload } from '../../shared/queue/payload-limits.ts';
import type { Handlers } from '../handler.ts';
import { permanentFailure } from './failure.ts';

/**
 * Checks a task that may not have come through the orchestrator. Throws a permanent failure when it has no handler here
 * or its payload exceeds the limits.
 */
export function validateTask(eventType: string, payload: unknown, handlers: Handlers): void {
  if (!Object.hasOwn(handlers, eventType)) {
    const type = JSON.stringify(eventType.slice(0, 100));
    throw permanentFailure('unknown_type', `This worker has no handler for the event type ${type}.`);
  }
  try {
    checkPayload(payload, 'payload');
  } catch (error) {
    throw permanentFailure('invalid_payload', (error as Error).message);
  }
}

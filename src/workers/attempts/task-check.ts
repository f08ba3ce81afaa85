import { checkPayload } from '../../shared/queue/payload-limits.ts';
import type { Handlers } from '../handler.ts';
import { permanentFailure } from './failure.ts';

/** Not all tasks come through the orchestrator. Throws what ends a task at once that no handler can be given. */
export function checkTask(eventType: string, payload: unknown, handlers: Handlers): void {
  if (!Object.hasOwn(handlers, eventType)) {
    const type = JSON.stringify(eventType.slice(0, 100));
    throw permanentFailure('unknown_type', `No handler for the event type ${type} in this worker.`);
  }
  try {
    checkPayload(payload, 'payload');
  } catch (error) {
    throw permanentFailure('invalid_payload', (error as Error).message);
  }
}

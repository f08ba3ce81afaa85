import { checkPayload } from '../../shared/queue/payload-limits.ts';
import { permanentFailure } from './failure.ts';

/**
 * Checks a task that may not have come through the orchestrator. Throws a permanent failure when its payload exceeds the
 * limits.
 */
export function validateTask(payload: unknown): void {
  try {
    checkPayload(payload, 'payload');
  } catch (error) {
    throw permanentFailure('invalid_payload', (error as Error).message);
  }
}

import { describeThrown } from '../../shared/thrown.ts';
import { failure } from './failure.ts';

/**
 * Returns a handler's result as plain data. BullMQ then runs no code of it: a `toJSON` could throw a command to BullMQ.
 * Throws a failure when the result is not JSON.
 */
export function asJson(result: unknown): unknown {
  if (result === null || result === undefined || typeof result === 'string') return result;
  if (typeof result === 'number' || typeof result === 'boolean') return result;
  try {
    const text: string | undefined = JSON.stringify(result); // undefined for a function or a symbol
    return text === undefined ? undefined : JSON.parse(text);
  } catch (thrown) {
    throw failure('error', `The result is not JSON: ${describeThrown(thrown, 'It').message}`);
  }
}

import { AsdlcError, conflict, notFound, redisUnavailable } from '../../shared/errors.ts';
import { isConnectionLoss, isRefusal } from '../../shared/queue/errors.ts';

/** The longest wait for Redis in one call: a little under the 2 s that we promise to HTTP clients. */
const LIMIT_MS = 1_800;

/**
 * Does work on the queue, and turns its errors into those that clients can act on. Throws ASDLC_REDIS_UNAVAILABLE when
 * Redis does not answer in time. The work is not stopped then.
 */
export async function withinLimit<T>(work: () => Promise<T>, { isSubmission = false } = {}): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(redisUnavailable(undefined, isSubmission)), LIMIT_MS);
  });
  try {
    return await Promise.race([work(), late]);
  } catch (error) {
    if (error instanceof AsdlcError || !(error instanceof Error)) throw error;
    if (/Missing key for job/.test(error.message)) throw notFound('The task was removed meanwhile.');
    if (/is not in the .* state|locked by another worker/.test(error.message)) {
      throw conflict('The task changed its status meanwhile; read it again.');
    }
    if (isRefusal(error) || isConnectionLoss(error)) throw redisUnavailable(error, isSubmission);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

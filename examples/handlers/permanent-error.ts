/** An error that would come again at every attempt. The workers see `retryable: false` and make the task dead at once. */
export class PermanentError extends Error {
  override readonly name = 'PermanentError';
  readonly retryable = false;
}

/**
 * Returns a PermanentError about a field of the payload: `payload.path: expected …; got …`. It shows at most 100
 * characters of what it got.
 */
export function payloadError(field: string, expected: string, got: unknown, reason?: string): PermanentError {
  const shown = JSON.stringify(got)?.slice(0, 100) ?? 'nothing';
  const why = reason === undefined ? '' : `: ${reason}`;
  return new PermanentError(`payload.${field}: expected ${expected}; got ${shown}${why}`);
}

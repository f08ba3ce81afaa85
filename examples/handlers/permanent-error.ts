/** An error that comes again however often the task is tried: the pool gives the task up at once. */
export class PermanentError extends Error {
  override readonly name = 'PermanentError';
  readonly retryable = false;
}

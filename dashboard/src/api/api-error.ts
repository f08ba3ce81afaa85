/** A request that failed, with the reason in words that may be shown. */
export class ApiError extends Error {
  /** HTTP status; 0 where no answer came. */
  readonly status: number;
  /** `ASDLC_…`, or the query API's errorType; `unreachable`, `timeout` and `bad_answer` are ours. */
  readonly code: string;
  readonly retryAfterSeconds: number | undefined;

  constructor(reason: string, status: number, code: string, retryAfterSeconds?: number) {
    super(reason);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  get reason(): string {
    return this.message;
  }
}

/** The error of an answer: both shapes of the API, `{code, message}` and `{errorType, error}`. */
export function errorOf(status: number, body: unknown, retryAfter: string | null): ApiError {
  const { code, message, errorType, error } = (body ?? {}) as Record<string, unknown>; // any JSON; checked below
  const reason = [message, error].find((text) => typeof text === 'string') ?? `HTTP status ${status}`;
  const name = [code, errorType].find((text) => typeof text === 'string') ?? 'unknown';
  const seconds = Number(retryAfter ?? Number.NaN);
  return new ApiError(String(reason), status, String(name), Number.isFinite(seconds) ? seconds : undefined);
}

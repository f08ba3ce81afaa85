import { visibleText } from '../format/visible-text.ts';

/** A request that failed, with the reason in words for the page. */
export class ApiError extends Error {
  /** HTTP status; 0 if no response came. */
  readonly status: number;
  /** `ASDLC_…`, or the query API's errorType; the page itself makes `unreachable`, `timeout`, `late`, `token_declined`, `forbidden` and `bad_answer`. */
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

/**
 * The error of a response, in either shape of the API: `{code, message}` or `{errorType, error}`. Its message may quote what
 * anyone wrote.
 */
export function errorOf(status: number, body: unknown, retryAfter: string | null): ApiError {
  const { code, message, errorType, error } = (body ?? {}) as Record<string, unknown>; // any JSON; the next lines check it
  const reason = [message, error].find((text) => typeof text === 'string') ?? `HTTP status ${status}`;
  const name = [code, errorType].find((text) => typeof text === 'string') ?? 'unknown';
  const seconds = Number(retryAfter ?? Number.NaN);
  return new ApiError(
    visibleText(String(reason)),
    status,
    String(name),
    Number.isFinite(seconds) ? seconds : undefined,
  );
}

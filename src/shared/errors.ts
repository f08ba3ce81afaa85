/**
 * The class of every error that a caller may see. `code` is stable: match on it, never on the message.
 * `statusCode` is the HTTP status that the services send with it.
 */
export class AsdlcError extends Error {
  readonly code: string;
  readonly statusCode: number;
  /** Seconds after which a retry makes sense, sent as Retry-After. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: string,
    statusCode: number,
    message: string,
    options: ErrorOptions & { retryAfterSeconds?: number } = {},
  ) {
    super(message, options);
    this.name = 'AsdlcError';
    this.code = code;
    this.statusCode = statusCode;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

export function configInvalid(problems: readonly string[]): AsdlcError {
  return new AsdlcError(
    'ASDLC_CONFIG_INVALID',
    500,
    `Invalid configuration:\n${problems.map((p) => `  ${p}`).join('\n')}`,
  );
}

export function inputInvalid(message: string, options?: ErrorOptions): AsdlcError {
  return new AsdlcError('ASDLC_INPUT_INVALID', 400, message, options);
}

export function unauthorized(): AsdlcError {
  return new AsdlcError(
    'ASDLC_UNAUTHORIZED',
    401,
    'expected the header "Authorization: Bearer <token>" with a valid token; got none or another token',
  );
}

/** The token is valid, and may not do this. */
export function forbidden(token: string, scope: string): AsdlcError {
  return new AsdlcError(
    'ASDLC_FORBIDDEN',
    403,
    `Expected a token with the scope ${scope} for this route; ${token} does not have it.`,
  );
}

export function tooManyWrongTokens(retryAfterSeconds: number): AsdlcError {
  return new AsdlcError(
    'ASDLC_TOO_MANY_WRONG_TOKENS',
    429,
    'Too many requests with a wrong token came from this address. Wait before the next one.',
    { retryAfterSeconds },
  );
}

/** A page of another origin sent a request that changes something. */
export function foreignOrigin(origin: string | undefined): AsdlcError {
  const from = origin === undefined ? 'another site' : JSON.stringify(origin.slice(0, 200));
  return new AsdlcError(
    'ASDLC_FOREIGN_ORIGIN',
    403,
    `Expected a request from this server's own page or from a program; got one from a page of ${from}.`,
  );
}

/** Without a token only names are answered that a foreign page cannot have. */
export function foreignHost(host: string): AsdlcError {
  return new AsdlcError(
    'ASDLC_FOREIGN_HOST',
    403,
    `Expected an IP address, localhost or a listed name as Host; got ${JSON.stringify(host.slice(0, 200))}. List it in ALLOWED_HOSTS, or set a token.`,
  );
}

/** The process stops; another one may answer. */
export function closing(): AsdlcError {
  return new AsdlcError('ASDLC_CLOSING', 503, 'The service is stopping. Send the request again.', {
    retryAfterSeconds: 1,
  });
}

/** The service has as much to do as it may take on. */
export function overloaded(what: string): AsdlcError {
  return new AsdlcError('ASDLC_OVERLOADED', 503, `The service has ${what}. Send the request again later.`, {
    retryAfterSeconds: 1,
  });
}

export function notFound(message: string): AsdlcError {
  return new AsdlcError('ASDLC_NOT_FOUND', 404, message);
}

export function conflict(message: string): AsdlcError {
  return new AsdlcError('ASDLC_CONFLICT', 409, message);
}

export function payloadTooLarge(message: string): AsdlcError {
  return new AsdlcError('ASDLC_PAYLOAD_TOO_LARGE', 413, message);
}

export function idempotencyKeyReused(): AsdlcError {
  return new AsdlcError(
    'ASDLC_IDEMPOTENCY_KEY_REUSED',
    422,
    'Idempotency-Key: expected a new key, or the event_type and payload that it was first sent with; got another event_type or payload',
  );
}

/** UNKNOWN_EVENT_TYPES is `refuse`. */
export function unknownEventType(types: readonly string[]): AsdlcError {
  return new AsdlcError(
    'ASDLC_UNKNOWN_EVENT_TYPE',
    422,
    `event_type: expected one that a live worker handles; got ${types.map((type) => JSON.stringify(type)).join(', ')}`,
  );
}

/** No schema that live workers announced for the event type takes the payload. */
export function payloadInvalid(type: string, problem: string): AsdlcError {
  return new AsdlcError(
    'ASDLC_PAYLOAD_INVALID',
    422,
    `payload: expected what the schema of ${type} says; got another: ${problem}`,
  );
}

/** The task's record in Redis is damaged. */
export function taskUnreadable(id: string, damage: string): AsdlcError {
  return new AsdlcError(
    'ASDLC_TASK_UNREADABLE',
    422,
    `Task ${id} is unreadable: ${damage}. Remove it, and submit it again.`,
  );
}

/** `isSubmission`: the client should send it again under its key, as Redis may have carried it out. */
export function redisUnavailable(cause?: unknown, isSubmission = false): AsdlcError {
  const advice = isSubmission
    ? 'It may still have queued the tasks: send them again with the same Idempotency-Key.'
    : 'Send the request again.';
  return new AsdlcError('ASDLC_REDIS_UNAVAILABLE', 503, `Redis is not available. ${advice}`, {
    cause,
    retryAfterSeconds: 1,
  });
}

/** Error types of Prometheus's HTTP API, and the HTTP status of each. */
const QUERY_ERROR_STATUS = {
  bad_data: 400,
  execution: 422,
  timeout: 503,
  too_many_requests: 429,
  unavailable: 503,
  canceled: 499,
  not_found: 404,
  internal: 500,
} as const;

export type QueryErrorType = keyof typeof QUERY_ERROR_STATUS;

/** An error of the query API. Its body is Prometheus's: `{status: "error", errorType, error}`. */
export class QueryError extends AsdlcError {
  readonly errorType: QueryErrorType;

  constructor(
    errorType: QueryErrorType,
    message: string,
    options: ErrorOptions & { retryAfterSeconds?: number } = {},
  ) {
    super(`ASDLC_QUERY_${errorType.toUpperCase()}`, QUERY_ERROR_STATUS[errorType], message, {
      ...(errorType === 'unavailable' && { retryAfterSeconds: 5 }),
      ...options,
    });
    this.errorType = errorType;
  }
}

/** A browser asks for the dashboard before it was built. */
export function dashboardNotBuilt(): AsdlcError {
  return new AsdlcError(
    'ASDLC_DASHBOARD_NOT_BUILT',
    503,
    'expected the built dashboard in dashboard/dist; got no such folder. Run: npm run build',
  );
}

/** OTEL_TRACING is on, but its packages are not installed. */
export function tracingUnavailable(cause: unknown): AsdlcError {
  return new AsdlcError(
    'ASDLC_TRACING_UNAVAILABLE',
    500,
    `OTEL_TRACING: expected the packages bullmq-otel and @opentelemetry/api to be installed; got: ${(cause as Error).message}`,
    { cause },
  );
}

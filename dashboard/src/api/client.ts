import type { AccessReport } from '../../../src/shared/http-contract/access.ts';
import { access, scopeToRead } from './access.ts';
import { ApiError, errorOf } from './api-error.ts';
import { createConcurrencyLimit } from './concurrency-limit.ts';
import { askToken, currentToken, forgetDecline, keepToken } from './token.ts';

/** A little more than the orchestrator's own limit for a query, so that its reason arrives. */
const TIMEOUT_MS = 35_000;

const ACCESS = '/api/access';

const withinLimit = createConcurrencyLimit(4);

export interface RequestOptions {
  readonly signal?: AbortSignal;
  readonly method?: 'GET' | 'POST' | 'DELETE';
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Statuses besides 2xx whose body is data and not an error, such as the 503 of health. */
  readonly accept?: readonly number[];
}

/** The request for what a token may do: one for each token. */
let asked: { token: string | null; readonly answer: Promise<AccessReport> } | undefined;

/** Asks what the token may do, unless that is known. Fails as `getJson` does. */
export function knowAccess(): Promise<AccessReport> {
  const token = currentToken();
  if (asked?.token !== token) {
    const asking = { token, answer: getJson<AccessReport>(ACCESS) };
    asked = asking;
    asking.answer.then(
      (report) => {
        asking.token = currentToken(); // the operator may have entered it meanwhile
        access.value = report;
      },
      () => forgetAccess(asking),
    );
  }
  return asked.answer;
}

/** Lets the next request ask again what the token may do. */
export function forgetAccess(known = asked): void {
  if (known === asked) asked = undefined;
}

/**
 * Returns the JSON of our own API. On 401 it asks the operator for the token and sends the request again. An operator
 * who declined is asked again only by a request that changes something: those are made by hand. A request that reads
 * what the token may not read is not sent. Throws ApiError with the reason, or the signal's own reason once `signal` is
 * aborted. The caller vouches for the type.
 */
export async function getJson<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const isRead = (options.method ?? 'GET') === 'GET';
  if (!isRead) forgetDecline();
  for (;;) {
    if (isRead) await requireScope(path, options);
    const token = currentToken();
    const known = asked;
    const response = await send(path, options, token);
    if (response.status !== 401) {
      // Health is open to all: its response does not tell whether the token is right.
      if (token !== null && path.startsWith('/api/')) keepToken(token);
      if (response.status === 403 && path !== ACCESS) {
        forgetAccess(known);
        void knowAccess().catch(() => undefined); // the next request fails for the same reason
      }
      return read<T>(response, options);
    }
    const next = await askToken(token);
    if (next === null) throw new ApiError('This needs the API token.', 401, 'token_declined');
    options.signal?.throwIfAborted();
  }
}

async function requireScope(path: string, { signal }: RequestOptions): Promise<void> {
  const scope = scopeToRead(path);
  if (scope === undefined) return;
  const { scopes } = await knowAccess();
  signal?.throwIfAborted();
  if (!scopes.includes(scope)) throw new ApiError(`This needs the scope ${scope}.`, 403, 'forbidden');
}

/** Returns `data` of a response of `/api/metrics/…` that needs the TSDB. At most four such requests run at once. */
export async function getData<T>(path: string, options?: RequestOptions): Promise<T> {
  const { data } = await withinLimit(() => getJson<{ data: T }>(path, options), options?.signal);
  return data;
}

async function send(path: string, options: RequestOptions, token: string | null): Promise<Response> {
  const { signal, method = 'GET', body, headers } = options;
  const limit = AbortSignal.timeout(TIMEOUT_MS);
  try {
    return await fetch(path, {
      method,
      signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
      headers: {
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  } catch {
    signal?.throwIfAborted();
    if (limit.aborted) throw new ApiError(`No response within ${TIMEOUT_MS / 1000} s.`, 0, 'timeout');
    const offline = navigator.onLine ? '' : ' This computer is offline.';
    throw new ApiError(`The orchestrator cannot be reached.${offline}`, 0, 'unreachable');
  }
}

async function read<T>(response: Response, { accept = [], signal }: RequestOptions): Promise<T> {
  const body: unknown = await response.json().catch(() => undefined);
  signal?.throwIfAborted();
  if (!response.ok && !accept.includes(response.status)) {
    throw errorOf(response.status, body, response.headers.get('retry-after'));
  }
  if (body === undefined && response.status !== 204) {
    throw new ApiError('The response is not JSON.', response.status, 'bad_answer');
  }
  return body as T; // the API's contract
}

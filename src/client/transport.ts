import { AsdlcError, inputInvalid } from '../shared/errors.ts';
import { noResponse, responseInvalid } from './errors.ts';
import { sleep } from './sleep.ts';

export interface TransportOptions {
  /** Of the orchestrator, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly token?: string | undefined;
  /** How long one request may take; 30 s by default. */
  readonly timeoutMs?: number | undefined;
  /** For how long a call is sent again after a 503 or no answer; 60 s by default, 0 for never. */
  readonly retryForMs?: number | undefined;
  /** Instead of the global `fetch`. */
  readonly fetch?: typeof fetch | undefined;
}

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Undefined for an empty body. */
  readonly body: unknown;
  /** Whether an earlier request of this call may have been carried out. */
  readonly isRepeated: boolean;
}

/** Sends one call. Returns any answer under 500; throws AsdlcError for the others, and for none. */
export type Send = (call: Call) => Promise<Answer>;

export const USUAL_TIMEOUT_MS = 30_000;
export const USUAL_RETRY_MS = 60_000;
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 5_000;

/**
 * Returns what sends calls to the orchestrator. After a 503, and when no answer came, it sends the same request again,
 * not before Retry-After. Throws ASDLC_INPUT_INVALID for an address that is none.
 */
export function createTransport(options: TransportOptions): Send {
  const base = readUrl(options.url);
  const { timeoutMs = USUAL_TIMEOUT_MS, retryForMs = USUAL_RETRY_MS } = options;
  return async ({ method = 'GET', path, body, headers = {}, signal }) => {
    const url = `${base}${path}`;
    const request = {
      method,
      headers: {
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(options.token !== undefined && { authorization: `Bearer ${options.token}` }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    };
    const endAtMs = performance.now() + retryForMs;
    for (let attempt = 0; ; attempt++) {
      signal?.throwIfAborted();
      const outcome = await sendOnce(options.fetch ?? fetch, url, request, timeoutMs, signal);
      if (!(outcome instanceof AsdlcError)) return { ...checked(outcome, url), isRepeated: attempt > 0 };
      const waitMs = waitBefore(attempt, outcome);
      if (!isPassing(outcome) || performance.now() + waitMs > endAtMs) throw outcome;
      await sleep(waitMs, signal);
    }
  };
}

/** Opens a stream of events, once. Throws AsdlcError for an answer that is none, and what `fetch` throws. */
export async function openStream(
  options: TransportOptions,
  path: string,
  { after, signal }: { after: string | undefined; signal: AbortSignal },
): Promise<Response> {
  const url = `${readUrl(options.url)}${path}`;
  const headers = {
    accept: 'text/event-stream',
    ...(options.token !== undefined && { authorization: `Bearer ${options.token}` }),
    ...(after !== undefined && { 'last-event-id': after }),
  };
  const response = await (options.fetch ?? fetch)(url, { headers, signal });
  if (response.ok && response.headers.get('content-type')?.startsWith('text/event-stream')) return response;
  const body = parse(await response.text());
  if (response.ok) throw responseInvalid(url, response.status, show(body));
  throw errorOf({ status: response.status, headers: response.headers, body }, url);
}

/** The error of an answer: its own code and message where it is one of the orchestrator's. */
export function errorOf({ status, headers, body }: Omit<Answer, 'isRepeated'>, url: string): AsdlcError {
  const { code, message } = (body ?? {}) as { code?: unknown; message?: unknown }; // checked in the next line
  if (typeof code !== 'string' || typeof message !== 'string')
    return responseInvalid(url, status, show(body));
  const retryAfterSeconds = Number(headers.get('retry-after') ?? Number.NaN);
  return new AsdlcError(code, status, message, {
    ...(Number.isFinite(retryAfterSeconds) && { retryAfterSeconds }),
  });
}

function readUrl(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const expected = 'url: expected http(s)://host[:port][/path] of the orchestrator, without a password';
  if (
    parsed === undefined ||
    !/^https?:$/.test(parsed.protocol) ||
    parsed.search !== '' ||
    parsed.hash !== ''
  )
    throw inputInvalid(`${expected}; got ${JSON.stringify(url)}`);
  if (parsed.username !== '' || parsed.password !== '')
    throw inputInvalid(`${expected}; got one with. Use token`);
  return parsed.href.replace(/\/+$/, '');
}

/** Returns an error instead of throwing it where the call may be sent again. Throws the reason of the caller's signal. */
async function sendOnce(
  send: typeof fetch,
  url: string,
  request: RequestInit,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<Omit<Answer, 'isRepeated'> | AsdlcError> {
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    const response = await send(url, {
      ...request,
      signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
    });
    const { status, headers } = response;
    const answer = { status, headers, body: parse(await response.text()) };
    return status >= 500 ? errorOf(answer, url) : answer;
  } catch (error) {
    signal?.throwIfAborted();
    const reason = limit.aborted ? `it took longer than ${timeoutMs / 1000} s` : reasonOf(error);
    return noResponse(url, reason, error);
  }
}

/** Returns the answer. Throws ASDLC_RESPONSE_INVALID when a success holds no object: it is not the orchestrator's. */
function checked<A extends Omit<Answer, 'isRepeated'>>(answer: A, url: string): A {
  const { status, body } = answer;
  if (status >= 400 || status === 204 || (typeof body === 'object' && body !== null)) return answer;
  throw responseInvalid(url, status, show(body));
}

/** Whether the same request may succeed later. A gateway without an orchestrator behind it answers 502 or 504. */
function isPassing({ statusCode }: AsdlcError): boolean {
  return [0, 502, 503, 504].includes(statusCode);
}

/** At random, so that clients that failed together do not come back together. */
function waitBefore(attempt: number, { retryAfterSeconds = 0 }: AsdlcError): number {
  const backoffMs = Math.min(FIRST_WAIT_MS * 2 ** attempt, LONGEST_WAIT_MS);
  return retryAfterSeconds * 1000 + backoffMs * Math.random();
}

/** `fetch failed` has its reason in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, code } = (error.cause ?? {}) as { message?: string; code?: string }; // errors of the system have them
  const cause = message === undefined || message === '' ? code : message;
  return cause === undefined ? error.message : `${error.message}: ${cause}`;
}

function parse(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const show = (body: unknown) => (typeof body === 'string' ? body : (JSON.stringify(body) ?? 'no body'));

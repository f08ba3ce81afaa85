import { Agent, type Dispatcher, request } from 'undici';
import { QueryError } from '../../shared/errors.ts';

/** Largest body that is passed on, as it comes from the TSDB (compressed or not). */
export const MAX_BODY_BYTES = 64 * 1024 * 1024;

const CONNECT_TIMEOUT_MS = 3_000;
const MAX_ERROR_BODY_BYTES = 16 * 1024;

export interface UpstreamRequest {
  /** As `/api/v1/query`. */
  readonly path: string;
  readonly parameters: URLSearchParams;
  /** GET where Prometheus takes nothing else; POST keeps long queries out of URLs. */
  readonly method: 'GET' | 'POST';
  /** Whether the body may come compressed. */
  readonly gzip: boolean;
}

export interface UpstreamAnswer {
  readonly gzip: boolean;
  /** Fails with a QueryError when it breaks off or is too large. */
  readonly body: AsyncIterable<Buffer>;
}

/**
 * The TSDB's HTTP side. Follows no redirect, takes JSON only, and turns whatever else comes into a QueryError
 * without the upstream's text, which may hold addresses.
 */
export class Upstream {
  readonly #baseUrl: string;
  readonly #agent: Agent;

  constructor(url: string, connections: number) {
    this.#baseUrl = url.replace(/\/+$/, '');
    // How long an answer may take is for the caller's signal to say, not for undici's own limits of 300 s.
    this.#agent = new Agent({
      connections,
      connect: { timeout: CONNECT_TIMEOUT_MS },
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  /** Rejects with a QueryError; with the signal's reason when that aborts. */
  async ask(asked: UpstreamRequest, signal: AbortSignal): Promise<UpstreamAnswer> {
    try {
      return await checkAnswer(await this.#send(asked, signal), asked.gzip, signal);
    } catch (error) {
      throw asQueryError(error, signal, 'The TSDB cannot be reached.');
    }
  }

  /** Whether it answers at all, whatever it says. */
  async reach(signal: AbortSignal): Promise<void> {
    const url = new URL('/health', this.#baseUrl);
    const { body } = await request(url, { dispatcher: this.#agent, signal });
    await body.dump();
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  #send({ path, parameters, method, gzip }: UpstreamRequest, signal: AbortSignal) {
    const form = parameters.toString();
    const isPost = method === 'POST';
    return request(`${this.#baseUrl}${path}${isPost || form === '' ? '' : `?${form}`}`, {
      method,
      dispatcher: this.#agent,
      signal,
      headers: {
        accept: 'application/json',
        'accept-encoding': gzip ? 'gzip' : 'identity',
        ...(isPost && { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(isPost && { body: form }),
    });
  }
}

async function checkAnswer(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  takesGzip: boolean,
  signal: AbortSignal,
): Promise<UpstreamAnswer> {
  const isJson = String(headers['content-type'] ?? '').startsWith('application/json');
  const encoding = headers['content-encoding'] ?? 'identity';
  if (statusCode === 200 && isJson && (encoding === 'identity' || (encoding === 'gzip' && takesGzip))) {
    if (Number(headers['content-length'] ?? 0) > MAX_BODY_BYTES) {
      body.destroy();
      throw tooLarge();
    }
    return { gzip: encoding === 'gzip', body: checked(body, encoding === 'gzip', signal) };
  }
  throw refusal(statusCode, await beginning(body));
}

/** The start of an error's text, as far as it comes; only looked at, never passed on. */
async function beginning(body: AsyncIterable<Buffer> & { destroy(): unknown }): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= MAX_ERROR_BODY_BYTES) break;
    }
  } catch {
    // The status says enough.
  }
  body.destroy();
  return Buffer.concat(chunks).toString();
}

/**
 * VictoriaMetrics says 422 for a bad query, for one that fails and for one that takes too long, and 503 in an
 * overload (newer ones 400 and 429); Prometheus says 503 for one that takes too long.
 */
function refusal(statusCode: number, text: string): QueryError {
  const late = /"errorType":"timeout"|timeout exceeded|context deadline exceeded|search\.maxQueryDuration/;
  if ((statusCode === 422 || statusCode === 503) && late.test(text)) {
    return new QueryError('timeout', 'The TSDB gave up the query at its own time limit.');
  }
  if (statusCode === 400) return new QueryError('bad_data', 'The TSDB refused the query as malformed.');
  if (statusCode === 422) return new QueryError('execution', 'The TSDB could not execute the query.');
  if (statusCode === 429 || statusCode === 503)
    return new QueryError('unavailable', 'The TSDB is overloaded.');
  return new QueryError(
    'unavailable',
    `The TSDB gave an answer that is not a query result (status ${statusCode}).`,
  );
}

const OPENING_BRACE = 0x7b;
const GZIP_MAGIC = 0x1f;

/** Passes on the bytes if they begin as they must and are not too many. */
async function* checked(
  body: AsyncIterable<Buffer>,
  gzip: boolean,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void> {
  let size = 0;
  try {
    for await (const chunk of body) {
      if (size === 0 && chunk[0] !== (gzip ? GZIP_MAGIC : OPENING_BRACE)) {
        throw new QueryError('unavailable', 'The TSDB gave an answer that is not a query result.');
      }
      size += chunk.length;
      if (size > MAX_BODY_BYTES) throw tooLarge();
      yield chunk;
    }
  } catch (error) {
    throw asQueryError(error, signal, 'The TSDB broke off its answer.');
  }
  if (size === 0) throw new QueryError('unavailable', 'The TSDB gave an empty answer.');
}

function tooLarge(): QueryError {
  return new QueryError(
    'execution',
    `The result is over ${MAX_BODY_BYTES} bytes; ask for fewer series or points.`,
  );
}

function asQueryError(cause: unknown, signal: AbortSignal, message: string): unknown {
  if (cause instanceof QueryError) return cause;
  return signal.aborted ? signal.reason : new QueryError('unavailable', message, { cause });
}

import { Readable } from 'node:stream';
import { Agent, type Dispatcher, request } from 'undici';
import { QueryError } from '../../shared/errors.ts';
import { Limiter } from './limiter.ts';

export interface VictoriaMetricsOptions {
  /** VictoriaMetrics, a vmselect's `/select/<tenant>/prometheus`, or Prometheus. */
  readonly url: string;
  readonly queryTimeoutMs: number;
  readonly healthTimeoutMs: number;
  readonly concurrency: number;
}

export interface QueryOptions {
  /** Aborts when the caller has gone. */
  readonly signal?: AbortSignal;
  /** A shorter limit than the client's own. */
  readonly timeoutMs?: number;
}

export type TsdbHealth = {
  readonly status: 'healthy' | 'degraded' | 'unhealthy';
  readonly checks: Readonly<
    Record<'reachable' | 'query', { ok: boolean; latency_ms: number; error?: string }>
  >;
};

/** One sample of an instant vector. */
export interface VectorSample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

const MAX_BODY_BYTES = 64 * 1024 * 1024;
const CONNECT_TIMEOUT_MS = 3_000;

/**
 * Asks the TSDB. It owns the time limit of each query (VictoriaMetrics ignores shorter ones than its own),
 * bounds how many run at once, follows no redirect, and turns whatever goes wrong into a QueryError without
 * passing on the upstream's text, which may hold addresses.
 */
export class VictoriaMetricsClient {
  readonly #options: VictoriaMetricsOptions;
  readonly #baseUrl: string;
  readonly #agent: Agent;
  readonly #limiter: Limiter;

  constructor(options: VictoriaMetricsOptions) {
    this.#options = options;
    this.#baseUrl = options.url.replace(/\/+$/, '');
    this.#agent = new Agent({
      connections: options.concurrency + 2,
      connect: { timeout: CONNECT_TIMEOUT_MS },
    });
    this.#limiter = new Limiter(options.concurrency, options.concurrency * 8);
  }

  /** The JSON body of a successful answer, as a stream that fails when it breaks off, is late or too large. */
  async stream(path: string, parameters: URLSearchParams, options: QueryOptions = {}): Promise<Readable> {
    const { queryTimeoutMs } = this.#options;
    const limitMs = Math.max(1, Math.ceil(Math.min(options.timeoutMs ?? queryTimeoutMs, queryTimeoutMs)));
    const limit = AbortSignal.timeout(limitMs);
    const signal = options.signal ? AbortSignal.any([limit, options.signal]) : limit;
    const fail = (error: unknown) => asQueryError(error, limit, limitMs, options.signal);
    let release: (() => void) | undefined;
    try {
      release = await this.#limiter.acquire(signal);
      const answer = await this.#post(path, parameters, signal);
      await checkAnswer(answer);
      const output = Readable.from(capped(answer.body, fail), { objectMode: false });
      // 'close' comes however the stream ends, also when nobody ever read it.
      output.once('close', () => answer.body.destroy()).once('close', release);
      return output;
    } catch (error) {
      release?.();
      throw fail(error);
    }
  }

  /** The samples of an instant query. */
  async instant(query: string, options: QueryOptions = {}): Promise<readonly VectorSample[]> {
    const body = await this.stream('/api/v1/query', new URLSearchParams({ query }), options);
    const chunks: Buffer[] = [];
    for await (const chunk of body) chunks.push(chunk as Buffer);
    try {
      const answer = JSON.parse(Buffer.concat(chunks).toString()) as { data: { result: VectorSample[] } };
      if (!Array.isArray(answer.data.result)) throw new TypeError('expected a list of samples');
      return answer.data.result;
    } catch (cause) {
      throw new QueryError('unavailable', 'The TSDB gave an answer that is not a query result.', { cause });
    }
  }

  /** Whether the TSDB can be reached and, which is another thing, answers a query. Never rejects. */
  async health(): Promise<TsdbHealth> {
    const timeoutMs = Math.max(1, Math.ceil(this.#options.healthTimeoutMs));
    const [reachable, query] = await Promise.all([
      timed(async () => {
        const url = new URL('/health', this.#baseUrl);
        const { body } = await request(url, {
          dispatcher: this.#agent,
          signal: AbortSignal.timeout(timeoutMs),
        });
        await body.dump();
      }),
      timed(async () => {
        const samples = await this.instant('1', { timeoutMs });
        if (samples.length === 0) throw new QueryError('unavailable', 'The query 1 gave no sample.');
      }),
    ]);
    const status = query.ok ? 'healthy' : reachable.ok ? 'degraded' : 'unhealthy';
    return { status, checks: { reachable, query } };
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  #post(path: string, parameters: URLSearchParams, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    return request(`${this.#baseUrl}${path}`, {
      method: 'POST',
      dispatcher: this.#agent,
      signal,
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: parameters.toString(),
    });
  }
}

async function checkAnswer({ statusCode, headers, body }: Dispatcher.ResponseData): Promise<void> {
  const isJson = String(headers['content-type'] ?? '').startsWith('application/json');
  if (statusCode === 200 && isJson) {
    if (Number(headers['content-length'] ?? 0) <= MAX_BODY_BYTES) return;
    body.destroy();
    throw tooLarge();
  }
  await body.dump();
  if (statusCode === 400) throw new QueryError('bad_data', 'The TSDB refused the query as malformed.');
  if (statusCode === 422) throw new QueryError('execution', 'The TSDB could not execute the query.');
  if (statusCode === 429 || statusCode === 503)
    throw new QueryError('unavailable', 'The TSDB is overloaded.');
  throw new QueryError(
    'unavailable',
    `The TSDB gave an answer that is not a query result (status ${statusCode}).`,
  );
}

async function* capped(source: AsyncIterable<Buffer>, fail: (error: unknown) => QueryError) {
  let size = 0;
  try {
    for await (const chunk of source) {
      size += chunk.length;
      if (size > MAX_BODY_BYTES) throw tooLarge();
      yield chunk;
    }
  } catch (error) {
    throw fail(error);
  }
}

function tooLarge(): QueryError {
  return new QueryError(
    'execution',
    `The result is over ${MAX_BODY_BYTES} bytes; ask for fewer series or points.`,
  );
}

function asQueryError(error: unknown, limit: AbortSignal, limitMs: number, caller?: AbortSignal): QueryError {
  if (error instanceof QueryError) return error;
  if (caller?.aborted) return new QueryError('canceled', 'The caller went away.', { cause: error });
  if (limit.aborted) {
    return new QueryError('timeout', `The query was not answered within ${limitMs / 1000} s.`, {
      cause: error,
    });
  }
  return new QueryError('unavailable', 'The TSDB cannot be reached.', { cause: error });
}

async function timed(check: () => Promise<void>) {
  const startedAt = performance.now();
  const latency = () => Math.round((performance.now() - startedAt) * 100) / 100;
  try {
    await check();
    return { ok: true, latency_ms: latency() };
  } catch (error) {
    const shown = error instanceof QueryError ? error.message : 'The TSDB cannot be reached.';
    return { ok: false, latency_ms: latency(), error: shown };
  }
}

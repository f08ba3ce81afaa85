import { QueryError } from '../../shared/errors.ts';
import { type Answer, SharedAnswer } from './coalesced-request.ts';
import { Limiter, type Rejection } from './concurrency-limiter.ts';
import { ResultCache } from './result-cache.ts';
import { Upstream, type UpstreamRequest } from './upstream.ts';

export interface VictoriaMetricsOptions {
  /** VictoriaMetrics, a vmselect's `/select/<tenant>/prometheus`, or Prometheus. */
  readonly url: string;
  readonly queryTimeoutMs: number;
  readonly healthTimeoutMs: number;
  readonly concurrency: number;
  /** How many more may wait; eight times the concurrency unless told otherwise. */
  readonly queueLength?: number;
  /** How long a query may wait for its turn; as long as it may take unless told otherwise. */
  readonly queueWaitMs?: number;
  /** How long an answer that may be kept is given again; 0, as usual: never. */
  readonly cacheMs?: number;
  /** How long ago a time must be to get no more samples: answers about later ones are not kept. */
  readonly settleMs?: number;
  readonly observer?: QueryObserver;
  /** Called when the TSDB no longer answers, with the error, and when it answers again. */
  readonly onChange?: (isAnswering: boolean, error?: Error) => void;
}

/** Told what happens to queries, by the name of the endpoint that they are for. */
export interface QueryObserver {
  upstreamStarted(endpoint: string): void;
  upstreamEnded(endpoint: string, durationSeconds: number): void;
  coalesced(endpoint: string): void;
  rejected(endpoint: string, reason: Rejection): void;
}

export interface TsdbQuery {
  /** As `query_range`: what the metrics call it. */
  readonly endpoint: string;
  readonly path: string;
  /** In one order and form, so that identical queries are the same text. */
  readonly parameters: URLSearchParams;
  readonly method?: UpstreamRequest['method'];
  /** Whether the answer may come compressed. */
  readonly gzip?: boolean;
  /** The Unix time in seconds after which no sample matters to the answer; undefined when there is none. */
  readonly settlesAt?: number;
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

type Point = readonly [time: number, value: string];

/** One series of a query's answer: `values` of a range query, `value` of an instant query. */
export interface QuerySample {
  readonly metric: Readonly<Record<string, string>>;
  readonly values?: readonly Point[];
  readonly value?: Point;
}

/** One sample of an instant vector. */
export type VectorSample = QuerySample & { readonly value: Point };

const HEALTH = 'health';

/** One to reach the TSDB, one to ask it. */
const PROBE_CONNECTIONS = 2;

const UNOBSERVED: QueryObserver = {
  upstreamStarted: () => undefined,
  upstreamEnded: () => undefined,
  coalesced: () => undefined,
  rejected: () => undefined,
};

/**
 * Asks the TSDB. It owns the time limit of each query (VictoriaMetrics ignores shorter ones than its own), bounds
 * how many run and wait, and shares one request between identical queries that are asked at the same time. It does
 * not look at who asks: all callers have the same rights.
 */
export class VictoriaMetricsClient {
  readonly #options: VictoriaMetricsOptions;
  readonly #observer: QueryObserver;
  readonly #upstream: Upstream;
  readonly #limiter: Limiter;
  /** Of their own, so that they tell of the TSDB and not of how many queries wait here. */
  readonly #probeLimiter: Limiter;
  readonly #cache: ResultCache;
  /** Requests under way that can be joined, by what they ask. */
  readonly #shared = new Map<string, SharedAnswer>();
  #knowsMetricsql: boolean | undefined;
  #isAnswering = true;

  constructor(options: VictoriaMetricsOptions) {
    const { url, concurrency, queryTimeoutMs } = options;
    const { queueLength = concurrency * 8, queueWaitMs = queryTimeoutMs, cacheMs = 0 } = options;
    this.#options = options;
    this.#observer = options.observer ?? UNOBSERVED;
    this.#upstream = new Upstream(url, concurrency + PROBE_CONNECTIONS);
    this.#limiter = new Limiter({ concurrency, queueLength, waitMs: queueWaitMs });
    this.#probeLimiter = new Limiter({ concurrency: 1, queueLength, waitMs: options.healthTimeoutMs });
    this.#cache = new ResultCache(cacheMs);
  }

  /**
   * The JSON body of a successful answer, and for how long it will be given again. Rejects with a QueryError; a
   * stream fails with one.
   */
  async ask(
    query: TsdbQuery,
    { signal, timeoutMs }: QueryOptions = {},
  ): Promise<Answer & { readonly keptForMs: number }> {
    const key = keyOf(query);
    const isSettled = this.#isSettled(query);
    const kept = isSettled ? this.#cache.get(key) : undefined;
    if (kept !== undefined) return kept;
    const { answer: awaited, leave } = this.#join(key, query, isSettled).join();
    const gone = () => leave(new QueryError('canceled', 'The caller went away.'));
    if (signal?.aborted) gone();
    else signal?.addEventListener('abort', gone, { once: true });
    const isShorter = timeoutMs !== undefined && timeoutMs < this.#options.queryTimeoutMs;
    const timer = isShorter ? setTimeout(() => leave(late(timeoutMs)), timeoutMs).unref() : undefined;
    try {
      const answer = await awaited;
      if (isSettled) this.#cache.keep(key, answer);
      if (Buffer.isBuffer(answer.body)) clearTimeout(timer);
      else answer.body.once('close', () => clearTimeout(timer));
      return (isSettled ? this.#cache.get(key) : undefined) ?? { ...answer, keptForMs: 0 };
    } catch (error) {
      clearTimeout(timer);
      throw error;
    }
  }

  /** The `data` of an answer, which is an object or a list. */
  async data(query: TsdbQuery, options?: QueryOptions): Promise<object> {
    const { body } = await this.ask({ ...query, gzip: false }, options);
    const chunks: Buffer[] = [];
    if (Buffer.isBuffer(body)) chunks.push(body);
    else for await (const chunk of body) chunks.push(chunk as Buffer); // written as such
    try {
      const { data } = JSON.parse(Buffer.concat(chunks).toString()) as { data?: unknown };
      if (typeof data === 'object' && data !== null) return data;
    } catch (cause) {
      throw noResult(cause);
    }
    throw noResult();
  }

  /** The series of a query's answer; a scalar, as Prometheus has it, is a series without labels. */
  async samples(query: TsdbQuery, options?: QueryOptions): Promise<readonly QuerySample[]> {
    const data = (await this.data(query, options)) as { resultType?: unknown; result?: unknown };
    const result = data.resultType === 'scalar' ? [{ metric: {}, value: data.result }] : data.result;
    if (!Array.isArray(result) || !result.every(isSample)) throw noResult();
    return result;
  }

  /** The samples of an instant query that is asked for an endpoint of ours. */
  async instant(endpoint: string, query: string, options?: QueryOptions): Promise<readonly VectorSample[]> {
    const parameters = new URLSearchParams({ query });
    const samples = await this.samples({ endpoint, path: '/api/v1/query', parameters }, options);
    return samples.filter((sample): sample is VectorSample => sample.value !== undefined);
  }

  /** Whether the TSDB is VictoriaMetrics, and so takes `extra_label`: asked with a query only it knows, once. */
  async knowsMetricsql(options?: QueryOptions): Promise<boolean> {
    try {
      this.#knowsMetricsql ??= (await this.instant('query', 'now()', options)).length > 0;
    } catch (error) {
      if (!(error instanceof QueryError && error.errorType === 'bad_data')) throw error;
      this.#knowsMetricsql = false;
    }
    return this.#knowsMetricsql;
  }

  /** Whether the TSDB can be reached and, which is another thing, answers a query. Never rejects. */
  async health(): Promise<TsdbHealth> {
    const timeoutMs = Math.max(1, Math.ceil(this.#options.healthTimeoutMs));
    const [reachable, query] = await Promise.all([
      timed(() => this.#upstream.reach(AbortSignal.timeout(timeoutMs))),
      timed(async () => {
        const samples = await this.instant(HEALTH, '1', { timeoutMs });
        if (samples.length === 0) throw new QueryError('unavailable', 'The query 1 gave no sample.');
      }),
    ]);
    const status = query.ok ? 'healthy' : reachable.ok ? 'degraded' : 'unhealthy';
    return { status, checks: { reachable, query } };
  }

  async close(): Promise<void> {
    await this.#upstream.close();
  }

  /** A query that is settled joins only those that were settled when they were sent, as its answer is kept. */
  #join(asked: string, query: TsdbQuery, isSettled: boolean): SharedAnswer {
    const key = isSettled ? `settled ${asked}` : asked;
    const running = this.#shared.get(key);
    if (running !== undefined) {
      this.#observer.coalesced(query.endpoint);
      return running;
    }
    const shared = new SharedAnswer(() => this.#shared.delete(key));
    this.#shared.set(key, shared);
    void this.#run(shared, query);
    return shared;
  }

  /** Runs one request within its turn and its time. Never rejects. */
  async #run(shared: SharedAnswer, { endpoint, settlesAt: _, ...request }: TsdbQuery): Promise<void> {
    const { queryTimeoutMs } = this.#options;
    const timer = setTimeout(() => shared.fail(late(queryTimeoutMs)), queryTimeoutMs).unref();
    try {
      const limiter = endpoint === HEALTH ? this.#probeLimiter : this.#limiter;
      const release = await limiter.acquire(shared.signal, (reason) =>
        this.#observer.rejected(endpoint, reason),
      );
      const end = this.#started(endpoint, release);
      shared.read((reader) => this.#upstream.ask({ method: 'POST', gzip: false, ...request }, reader));
      const error = await shared.ended;
      end();
      this.#noteOutcome(error);
    } catch (error) {
      shared.fail(error as Error); // thrown by us
    }
    clearTimeout(timer);
  }

  #noteOutcome(error: Error | undefined): void {
    const isAway = error instanceof QueryError && error.errorType === 'unavailable';
    if (isAway !== this.#isAnswering || (error !== undefined && !isAway)) return;
    this.#isAnswering = !isAway;
    this.#options.onChange?.(!isAway, error);
  }

  /** Whether the answer will be the same for as long as one is kept. */
  #isSettled({ settlesAt }: TsdbQuery): boolean {
    const { cacheMs = 0, settleMs = 0 } = this.#options;
    return cacheMs > 0 && settlesAt !== undefined && settlesAt * 1000 <= Date.now() - settleMs;
  }

  #started(endpoint: string, release: () => void): () => void {
    const startedAt = performance.now();
    this.#observer.upstreamStarted(endpoint);
    return () => {
      release();
      this.#observer.upstreamEnded(endpoint, (performance.now() - startedAt) / 1000);
    };
  }
}

function keyOf({ endpoint, path, gzip, parameters }: TsdbQuery): string {
  return `${endpoint === HEALTH ? HEALTH : ''} ${path} ${gzip === true} ${parameters}`;
}

function isSample(given: unknown): given is QuerySample {
  const { metric, value = [], values = [] } = (given ?? {}) as Partial<QuerySample>; // checked here
  return typeof metric === 'object' && metric !== null && Array.isArray(value) && Array.isArray(values);
}

function late(limitMs: number): QueryError {
  return new QueryError('timeout', `The query was not answered within ${limitMs / 1000} s.`);
}

function noResult(cause?: unknown): QueryError {
  return new QueryError('unavailable', 'The TSDB gave an answer that is not a query result.', { cause });
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

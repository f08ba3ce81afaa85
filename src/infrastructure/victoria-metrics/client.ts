import { QueryError } from '../../shared/errors.ts';
import { Limiter, type Rejection } from './limiter.ts';
import { ResultCache } from './result-cache.ts';
import { type Answer, SharedAnswer } from './shared-answer.ts';
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

/** One sample of an instant vector. */
export interface VectorSample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

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
  readonly #cache: ResultCache;
  /** Requests under way that can be joined, by what they ask. */
  readonly #shared = new Map<string, SharedAnswer>();
  #knowsMetricsql: boolean | undefined;

  constructor(options: VictoriaMetricsOptions) {
    const { url, concurrency, queryTimeoutMs } = options;
    const { queueLength = concurrency * 8, queueWaitMs = queryTimeoutMs, cacheMs = 0 } = options;
    this.#options = options;
    this.#observer = options.observer ?? UNOBSERVED;
    this.#upstream = new Upstream(url, concurrency + 2);
    this.#limiter = new Limiter({ concurrency, queueLength, waitMs: queueWaitMs });
    this.#cache = new ResultCache(cacheMs);
  }

  /** The JSON body of a successful answer. Rejects with a QueryError; a stream fails with one. */
  async ask(query: TsdbQuery, { signal, timeoutMs }: QueryOptions = {}): Promise<Answer> {
    const key = `${query.path} ${query.gzip === true} ${query.parameters}`;
    const isSettled = this.isSettled(query);
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
      return answer;
    } catch (error) {
      clearTimeout(timer);
      throw error;
    }
  }

  /** Whether the answer will be the same for as long as one is kept. */
  isSettled({ settlesAt }: TsdbQuery): boolean {
    const { cacheMs = 0, settleMs = 0 } = this.#options;
    return cacheMs > 0 && settlesAt !== undefined && settlesAt * 1000 <= Date.now() - settleMs;
  }

  /** The `data` of an answer. */
  async data(query: TsdbQuery, options?: QueryOptions): Promise<unknown> {
    const { body } = await this.ask({ ...query, gzip: false }, options);
    const chunks: Buffer[] = [];
    if (Buffer.isBuffer(body)) chunks.push(body);
    else for await (const chunk of body) chunks.push(chunk as Buffer); // written as such
    try {
      return (JSON.parse(Buffer.concat(chunks).toString()) as { data: unknown }).data;
    } catch (cause) {
      throw noResult(cause);
    }
  }

  /** The samples of an instant query. */
  async instant(query: string, options?: QueryOptions): Promise<readonly VectorSample[]> {
    const parameters = new URLSearchParams({ query });
    const data = await this.data({ endpoint: 'query', path: '/api/v1/query', parameters }, options);
    const { result } = (data ?? {}) as { result?: VectorSample[] }; // checked as far as it matters
    if (!Array.isArray(result)) throw noResult();
    return result;
  }

  /** Whether the TSDB is VictoriaMetrics, and so takes `extra_label`: asked with a query only it knows, once. */
  async knowsMetricsql(options?: QueryOptions): Promise<boolean> {
    try {
      this.#knowsMetricsql ??= (await this.instant('now()', options)).length > 0;
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
        const samples = await this.instant('1', { timeoutMs });
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
      const release = await this.#limiter.acquire(shared.signal, (reason) =>
        this.#observer.rejected(endpoint, reason),
      );
      const end = this.#started(endpoint, release);
      shared.read((reader) => this.#upstream.ask({ method: 'POST', gzip: false, ...request }, reader));
      await shared.ended;
      end();
    } catch (error) {
      shared.fail(error as Error); // thrown by us
    }
    clearTimeout(timer);
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

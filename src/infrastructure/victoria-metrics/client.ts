import { inTurn } from '../../shared/service/loop-turns.ts';
import { CoalescedRequest, type Joined } from './coalesced-request.ts';
import { ConcurrencyLimiter } from './concurrency-limiter.ts';
import { timedOut } from './query-errors.ts';
import { isStream, type QueryResponse } from './query-response.ts';
import {
  exemplarsOf,
  isVectorSample,
  type Metadata,
  metadataOf,
  namesOf,
  parseData,
  type QuerySample,
  type SeriesExemplars,
  samplesOf,
  type VectorSample,
} from './query-result.ts';
import { type QueryObserver, QueryRunner, type TsdbQuery } from './query-runner.ts';
import { type KeptResponse, ResultCache } from './result-cache.ts';
import type { Upstream } from './upstream.ts';

/** How many queries may wait for each that may run. */
const WAITING_PER_RUNNING = 8;

/** How long a query may wait for its turn. */
const QUEUE_WAIT_MS = 10_000;

export interface VictoriaMetricsOptions {
  readonly upstream: Upstream;
  readonly queryTimeoutMs: number;
  readonly concurrency: number;
  readonly queueWaitMs?: number;
  /** For how long a settled result is returned again; 0 (the default) for never. */
  readonly cacheMs?: number;
  /** The age from which a time gets no more samples. A result is settled if it depends on nothing younger. */
  readonly settleMs?: number;
  readonly observer: QueryObserver;
}

export interface QueryOptions {
  /** Aborts when the caller has gone. */
  readonly signal?: AbortSignal;
  /** A shorter limit than the client's own. */
  readonly timeoutMs?: number;
}

/**
 * Asks the TSDB. Identical queries at the same time share one request, and settled results are kept for a moment. The
 * client does not look at who asks: all callers have the same rights.
 */
export class VictoriaMetricsClient {
  readonly #options: VictoriaMetricsOptions;
  readonly #runner: QueryRunner;
  readonly #cache: ResultCache;
  /** Requests that callers can join, by what they ask. */
  readonly #joinable = new Map<string, CoalescedRequest>();

  constructor(options: VictoriaMetricsOptions) {
    const { upstream, observer, queryTimeoutMs, concurrency, queueWaitMs = QUEUE_WAIT_MS } = options;
    const queueLength = concurrency * WAITING_PER_RUNNING;
    const limiter = new ConcurrencyLimiter({ concurrency, queueLength, waitMs: queueWaitMs });
    this.#options = options;
    this.#runner = new QueryRunner({ upstream, limiter, observer, queryTimeoutMs });
    this.#cache = new ResultCache(options.cacheMs ?? 0);
  }

  /**
   * Returns the JSON body of a successful response, and for how long the cache will return it again. Rejects with a
   * QueryError. A body that is a stream may fail with one.
   */
  async ask(query: TsdbQuery, { signal, timeoutMs }: QueryOptions = {}): Promise<KeptResponse> {
    const key = cacheKeyOf(query);
    const isSettled = this.#isSettled(query);
    const kept = isSettled ? this.#cache.get(key) : undefined;
    if (kept !== undefined) return kept;
    const { response: awaited, leave } = this.#request(key, query, isSettled).join();
    const gone = () => leave();
    if (signal?.aborted) gone();
    else signal?.addEventListener('abort', gone, { once: true });
    const isShorter = timeoutMs !== undefined && timeoutMs < this.#options.queryTimeoutMs;
    const timer = isShorter ? setTimeout(() => leave(timedOut(timeoutMs)), timeoutMs).unref() : undefined;
    try {
      const response = whole(await awaited);
      if (isSettled) this.#cache.keep(key, response);
      if (!isStream(response.body)) clearTimeout(timer);
      else response.body.once('close', () => clearTimeout(timer));
      return (isSettled ? this.#cache.get(key) : undefined) ?? { ...response, keptForMs: 0 };
    } catch (error) {
      clearTimeout(timer);
      throw error;
    }
  }

  /** Returns what is kept under a key of `cacheKeyOf`. */
  kept(cacheKey: string): ReturnType<ResultCache['get']> {
    return this.#cache.get(cacheKey);
  }

  /** Joins the request that runs for the same query, whose key is that of `cacheKeyOf`; undefined when none runs. */
  joinRunning(cacheKey: string, query: TsdbQuery): Joined | undefined {
    const running = this.#joinable.get(joinKeyOf(cacheKey, query, this.#isSettled(query)));
    if (running !== undefined) this.#options.observer.coalesced(query.endpoint);
    const joined = running?.join();
    return joined && { ...joined, response: joined.response.then(whole) };
  }

  /** Returns the series of a query's result. Rejects with a QueryError. */
  samples(query: TsdbQuery, options?: QueryOptions): Promise<readonly QuerySample[]> {
    return this.#read(query, samplesOf, options);
  }

  /** Returns names: of labels, or the values of one. Rejects with a QueryError. */
  names(query: TsdbQuery, options?: QueryOptions): Promise<readonly string[]> {
    return this.#read(query, namesOf, options);
  }

  /** Returns exemplars by series. Rejects with a QueryError. */
  exemplars(query: TsdbQuery, options?: QueryOptions): Promise<readonly SeriesExemplars[]> {
    return this.#read(query, exemplarsOf, options);
  }

  /** Returns the metadata of metrics, by metric. Rejects with a QueryError. */
  metadata(query: TsdbQuery, options?: QueryOptions): Promise<Metadata> {
    return this.#read(query, metadataOf, options);
  }

  /** Returns the samples of an instant query now. `endpoint` is the one of ours that asks. */
  async instant(endpoint: string, query: string, options?: QueryOptions): Promise<readonly VectorSample[]> {
    const parameters = new URLSearchParams({ query });
    const samples = await this.samples({ endpoint, path: '/api/v1/query', parameters }, options);
    return samples.filter(isVectorSample);
  }

  /** Parses the response, and checks its data with `read`. */
  async #read<T>(query: TsdbQuery, read: (data: object) => T, options?: QueryOptions): Promise<T> {
    const { body, data } = await this.ask({ ...query, gzip: false, isParsed: true }, options);
    // A kept response has no data.
    return inTurn(() => read(data ?? parseData(body)));
  }

  #request(asked: string, query: TsdbQuery, isSettled: boolean): CoalescedRequest {
    const key = joinKeyOf(asked, query, isSettled);
    const running = this.#joinable.get(key);
    if (running !== undefined) {
      this.#options.observer.coalesced(query.endpoint);
      return running;
    }
    const request = new CoalescedRequest(() => this.#joinable.delete(key), query.isParsed ?? false);
    this.#joinable.set(key, request);
    void this.#runner.run(request, query);
    return request;
  }

  /** Whether the result will stay the same for as long as the cache keeps one. */
  #isSettled({ settlesAt }: TsdbQuery): boolean {
    const { cacheMs = 0, settleMs = 0 } = this.#options;
    return cacheMs > 0 && settlesAt !== undefined && settlesAt * 1000 <= Date.now() - settleMs;
  }
}

/** Throws the error of a stream that failed before anybody could look at it. */
function whole(response: QueryResponse): QueryResponse {
  if (isStream(response.body) && response.body.errored) throw response.body.errored;
  return response;
}

/** Two queries with the same key have the same response. */
export function cacheKeyOf({ path, gzip, parameters }: TsdbQuery): string {
  return `${path} ${gzip === true} ${parameters}`;
}

/**
 * A settled query joins only requests that were sent as settled ones, because the cache keeps its result. A response
 * that is parsed has other limits than one that is passed on.
 */
function joinKeyOf(cacheKey: string, { isParsed = false }: TsdbQuery, isSettled: boolean): string {
  return `${isSettled} ${isParsed} ${cacheKey}`;
}

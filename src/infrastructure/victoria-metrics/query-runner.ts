import type { CoalescedRequest } from './coalesced-request.ts';
import type { ConcurrencyLimiter, Rejection } from './concurrency-limiter.ts';
import { timedOut } from './query-errors.ts';
import type { Upstream, UpstreamRequest } from './upstream.ts';

export interface TsdbQuery {
  /** As `query_range`: the metrics call it so. */
  readonly endpoint: string;
  readonly path: string;
  /** In one order and form, so that identical queries are the same text. */
  readonly parameters: URLSearchParams;
  readonly method?: UpstreamRequest['method'];
  /** Whether the response may come compressed. */
  readonly gzip?: boolean;
  /** Whether the response is parsed: then it comes whole and uncompressed, and a smaller one is too large. */
  readonly isParsed?: boolean;
  /** The Unix time in seconds after which no sample changes the result; undefined when there is no such time. */
  readonly settlesAt?: number;
}

/** Learns what happens to queries, by the name of their endpoint. */
export interface QueryObserver {
  upstreamStarted(endpoint: string): void;
  upstreamEnded(endpoint: string, durationSeconds: number): void;
  coalesced(endpoint: string): void;
  rejected(endpoint: string, reason: Rejection): void;
}

export interface QueryRunnerOptions {
  readonly upstream: Upstream;
  readonly limiter: ConcurrencyLimiter;
  readonly observer: QueryObserver;
  readonly queryTimeoutMs: number;
}

/**
 * Runs requests to the TSDB. Each waits for its turn, and ends at its time limit: VictoriaMetrics ignores limits that
 * are shorter than its own.
 */
export class QueryRunner {
  readonly #options: QueryRunnerOptions;

  constructor(options: QueryRunnerOptions) {
    this.#options = options;
  }

  /** Runs one request. Never rejects: errors go to the request's callers. */
  async run(coalesced: CoalescedRequest, { endpoint, settlesAt: _, ...request }: TsdbQuery): Promise<void> {
    const { upstream, limiter, observer, queryTimeoutMs } = this.#options;
    const timer = setTimeout(() => coalesced.fail(timedOut(queryTimeoutMs)), queryTimeoutMs).unref();
    try {
      const release = await limiter.acquire(coalesced.ended, (reason) => observer.rejected(endpoint, reason));
      try {
        const startedAt = performance.now();
        observer.upstreamStarted(endpoint);
        coalesced.send((reader) =>
          upstream.ask({ method: 'POST', gzip: false, isParsed: false, ...request }, reader),
        );
        const error = await coalesced.ended;
        observer.upstreamEnded(endpoint, (performance.now() - startedAt) / 1000);
        upstream.noteOutcome(error);
      } finally {
        release();
      }
    } catch (error) {
      coalesced.fail(error as Error); // from the limiter
    }
    clearTimeout(timer);
  }
}

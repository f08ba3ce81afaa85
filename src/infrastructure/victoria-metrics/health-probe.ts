import { QueryError } from '../../shared/errors.ts';
import type { VictoriaMetricsClient } from './client.ts';
import type { Upstream } from './upstream.ts';

/** The connections that a probe uses at once: one to reach the TSDB, one to query it. */
export const PROBE_CONNECTIONS = 2;

interface Check {
  readonly ok: boolean;
  readonly latency_ms: number;
  readonly error?: string;
}

export interface TsdbHealth {
  readonly status: 'healthy' | 'degraded' | 'unhealthy';
  readonly checks: Readonly<Record<'reachable' | 'query', Check>>;
}

/** Checks whether the TSDB can be reached, and whether it answers a query: it may do the one and not the other. */
export class HealthProbe {
  readonly #upstream: Upstream;
  readonly #client: VictoriaMetricsClient;
  readonly #timeoutMs: number;

  /** `client` is for probes alone: behind other queries they would show how many wait, not how the TSDB is. */
  constructor(upstream: Upstream, client: VictoriaMetricsClient, timeoutMs: number) {
    this.#upstream = upstream;
    this.#client = client;
    this.#timeoutMs = Math.max(1, Math.ceil(timeoutMs));
  }

  /** Never rejects. */
  async check(): Promise<TsdbHealth> {
    const timeoutMs = this.#timeoutMs;
    const [reachable, query] = await Promise.all([
      timed(() => this.#upstream.reach(AbortSignal.timeout(timeoutMs))),
      timed(async () => {
        const samples = await this.#client.instant('health', '1', { timeoutMs });
        if (samples.length > 0) return;
        throw new QueryError('unavailable', 'Expected a sample for the query 1; got none.');
      }),
    ]);
    const status = query.ok ? 'healthy' : reachable.ok ? 'degraded' : 'unhealthy';
    return { status, checks: { reachable, query } };
  }
}

async function timed(check: () => Promise<void>): Promise<Check> {
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

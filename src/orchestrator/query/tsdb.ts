import { VictoriaMetricsClient } from '../../infrastructure/victoria-metrics/client.ts';
import { DialectProbe } from '../../infrastructure/victoria-metrics/dialect-probe.ts';
import { HealthProbe, PROBE_CONNECTIONS } from '../../infrastructure/victoria-metrics/health-probe.ts';
import type { QueryObserver } from '../../infrastructure/victoria-metrics/query-runner.ts';
import { Upstream } from '../../infrastructure/victoria-metrics/upstream.ts';
import type { OrchestratorConfig } from '../../shared/config.ts';
import type { Logger } from '../../shared/service/logging.ts';

/** VictoriaMetrics holds back samples that are newer (its default `-search.latencyOffset`). */
const LATENCY_OFFSET_SECONDS = 30;

/** The configured TSDB: its client, and what checks its state and its dialect. */
export interface Tsdb {
  readonly client: VictoriaMetricsClient;
  readonly healthProbe: HealthProbe;
  readonly dialectProbe: DialectProbe;
  close(): void;
}

/** Logs once when the TSDB stops answering, and once when it answers again. */
export function createTsdb(
  config: OrchestratorConfig,
  { observer, logger }: { readonly observer: QueryObserver; readonly logger: Logger },
): Tsdb {
  const upstream = new Upstream({
    url: config.VICTORIAMETRICS_URL,
    connections: config.QUERY_CONCURRENCY + PROBE_CONNECTIONS,
    onChange: (isAnswering, error) => {
      if (isAnswering) logger.info('the TSDB answers again');
      else logger.warn({ error }, 'the TSDB does not answer');
    },
  });
  const healthTimeoutMs = config.VICTORIAMETRICS_HEALTH_TIMEOUT * 1000;
  const common = { upstream, observer, queryTimeoutMs: config.VICTORIAMETRICS_QUERY_TIMEOUT * 1000 };
  const client = new VictoriaMetricsClient({
    ...common,
    concurrency: config.QUERY_CONCURRENCY,
    cacheMs: config.QUERY_CACHE_SECONDS * 1000,
    settleMs: settleSeconds(config.SCRAPE_INTERVAL) * 1000,
  });
  const probeClient = new VictoriaMetricsClient({ ...common, concurrency: 1, queueWaitMs: healthTimeoutMs });
  return {
    client,
    healthProbe: new HealthProbe(upstream, probeClient, healthTimeoutMs),
    dialectProbe: new DialectProbe(client),
    close: () => upstream.close(),
  };
}

/** Returns the age after which a time gets no more samples: they were scraped, and the TSDB shows them. */
function settleSeconds(scrapeIntervalSeconds: number): number {
  return LATENCY_OFFSET_SECONDS + 2 * scrapeIntervalSeconds;
}

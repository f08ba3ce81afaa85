import { type QueryObserver, VictoriaMetricsClient } from '../../infrastructure/victoria-metrics/client.ts';
import type { OrchestratorConfig } from '../../shared/config.ts';
import type { Logger } from '../../shared/service/logging.ts';
import { settleSeconds } from './parameters.ts';

/** The client of the TSDB as configured. That the TSDB is away is logged when it goes, and when it is back. */
export function createQueryClient(
  config: OrchestratorConfig,
  { observer, logger }: { readonly observer: QueryObserver; readonly logger: Logger },
): VictoriaMetricsClient {
  return new VictoriaMetricsClient({
    url: config.VICTORIAMETRICS_URL,
    queryTimeoutMs: config.VICTORIAMETRICS_QUERY_TIMEOUT * 1000,
    healthTimeoutMs: config.VICTORIAMETRICS_HEALTH_TIMEOUT * 1000,
    concurrency: config.QUERY_CONCURRENCY,
    ...(config.QUERY_QUEUE_LENGTH !== undefined && { queueLength: config.QUERY_QUEUE_LENGTH }),
    queueWaitMs: config.QUERY_QUEUE_SECONDS * 1000,
    cacheMs: config.QUERY_CACHE_SECONDS * 1000,
    settleMs: settleSeconds(config.SCRAPE_INTERVAL) * 1000,
    observer,
    onChange: (isAnswering, error) => {
      if (isAnswering) logger.info('the TSDB answers again');
      else logger.warn({ error }, 'the TSDB does not answer');
    },
  });
}

import type { LocalStackConfig } from '../shared/config.ts';
import type { DataFolder } from './data-folder.ts';
import { choosePort, reachableHost, requirePort } from './free-port.ts';
import { redisPart } from './redis-server.ts';
import { demoPlan, orchestratorPart, type ServiceContext, workersPart } from './service.ts';
import type { Stack } from './stack.ts';
import { victoriaMetricsPart } from './victoria-metrics.ts';

export interface Addresses {
  readonly orchestrator: string;
  readonly workers: string;
  readonly redis: string;
  readonly victoriaMetrics: string;
}

/**
 * Starts Redis and VictoriaMetrics, then the two services, then the demo's load; returns when all are ready. They are
 * stopped in the reverse order, so that the orchestrator takes no task any more when the workers end.
 */
export async function startParts(
  stack: Stack,
  folder: DataFolder,
  config: LocalStackConfig,
  demo: boolean,
): Promise<Addresses> {
  const { SERVICE_HOST: host, ORCHESTRATOR_PORT, WORKERS_PORT } = config;
  const orchestratorPort = await requirePort(host, ORCHESTRATOR_PORT, 'ORCHESTRATOR_PORT');
  const workersPort = await requirePort(host, WORKERS_PORT, 'WORKERS_PORT');
  const redisPort = await choosePort('127.0.0.1', 6379, [orchestratorPort, workersPort]);
  const queryPort = await choosePort('127.0.0.1', 8428, [orchestratorPort, workersPort, redisPort]);

  const redis = redisPart(folder, config, redisPort);
  const victoriaMetrics = victoriaMetricsPart(folder, config.VICTORIAMETRICS_URL, queryPort, {
    orchestrator: `${reachableHost(host)}:${orchestratorPort}`,
    workers: `${reachableHost(host)}:${workersPort}`,
    metricsToken: config.METRICS_TOKEN,
  });
  await stack.startParts([redis, victoriaMetrics]);

  const context: ServiceContext = {
    folder,
    config,
    redisUrl: redis.url,
    victoriaMetricsUrl: victoriaMetrics.url,
  };
  const workers = workersPart(context, workersPort, demo);
  const orchestrator = orchestratorPart(context, orchestratorPort);
  await stack.startParts([workers, orchestrator]);

  if (demo) await stack.start(demoPlan(folder, orchestrator.url, workers.url));
  return {
    orchestrator: orchestrator.url,
    workers: workers.url,
    redis: redis.url,
    victoriaMetrics: victoriaMetrics.url,
  };
}

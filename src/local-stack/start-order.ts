import type { LocalStackConfig } from '../shared/config.ts';
import type { ProcessSupervisor } from './process-supervisor.ts';
import type { DataFolder } from './processes/data-folder.ts';
import { choosePort, reachableHost, requirePort } from './servers/free-port.ts';
import { demoPlan, orchestratorServer, type ServiceContext, workersServer } from './servers/node-services.ts';
import { redisServer } from './servers/redis-server.ts';
import { victoriaMetricsServer } from './servers/victoria-metrics.ts';

export interface Addresses {
  readonly orchestrator: string;
  readonly workers: string;
  readonly redis: string;
  readonly victoriaMetrics: string;
}

/**
 * Starts Redis and VictoriaMetrics, then the two services, then the demo program; returns when the servers are ready.
 * The supervisor stops them in the reverse order: the orchestrator accepts no task any more when the workers end.
 */
export async function startInOrder(
  supervisor: ProcessSupervisor,
  folder: DataFolder,
  config: LocalStackConfig,
  demo: boolean,
): Promise<Addresses> {
  const { SERVICE_HOST: host, ORCHESTRATOR_PORT, WORKERS_PORT } = config;
  const orchestratorPort = await requirePort(host, ORCHESTRATOR_PORT, 'ORCHESTRATOR_PORT');
  const workersPort = await requirePort(host, WORKERS_PORT, 'WORKERS_PORT');
  // Who asks for any free port has several stacks on the machine: they would all choose the usual ports.
  const usual =
    ORCHESTRATOR_PORT === 0 ? { redis: 0, victoriaMetrics: 0 } : { redis: 6379, victoriaMetrics: 8428 };
  const redisPort = await choosePort('127.0.0.1', usual.redis, [orchestratorPort, workersPort]);
  const victoriaMetricsPort = await choosePort('127.0.0.1', usual.victoriaMetrics, [
    orchestratorPort,
    workersPort,
    redisPort,
  ]);

  const redis = redisServer(folder, config, redisPort);
  const victoriaMetrics = victoriaMetricsServer(folder, config.VICTORIAMETRICS_URL, victoriaMetricsPort, {
    orchestrator: `${reachableHost(host)}:${orchestratorPort}`,
    workers: `${reachableHost(host)}:${workersPort}`,
    metricsToken: config.METRICS_TOKEN,
  });
  await supervisor.startServers([redis, victoriaMetrics]);

  const context: ServiceContext = {
    folder,
    config,
    redisUrl: redis.url,
    victoriaMetricsUrl: victoriaMetrics.url,
  };
  const workers = workersServer(context, workersPort, demo);
  const orchestrator = orchestratorServer(context, orchestratorPort);
  await supervisor.startServers([workers, orchestrator]);

  if (demo) await supervisor.start(demoPlan(folder, orchestrator.url, workers.url));
  return {
    orchestrator: orchestrator.url,
    workers: workers.url,
    redis: redis.url,
    victoriaMetrics: victoriaMetrics.url,
  };
}

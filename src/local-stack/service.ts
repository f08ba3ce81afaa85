import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Environment, LocalStackConfig } from '../shared/config.ts';
import type { DataFolder } from './data-folder.ts';
import { reachableHost } from './free-port.ts';
import type { ProcessPlan } from './managed-process.ts';
import { type Part, START_LIMIT_MS } from './part.ts';
import type { Check } from './readiness.ts';
import { SCRAPE_INTERVAL_SECONDS } from './victoria-metrics.ts';

export interface ServiceContext {
  readonly folder: DataFolder;
  readonly config: LocalStackConfig;
  readonly redisUrl: string;
  readonly victoriaMetricsUrl: string;
}

export function orchestratorPart(context: ServiceContext, port: number): Part {
  const environment = {
    VICTORIAMETRICS_URL: context.victoriaMetricsUrl,
    // A server that was given scrapes as it is told to, and its interval is in our environment, if anywhere.
    ...(context.config.VICTORIAMETRICS_URL === undefined && {
      SCRAPE_INTERVAL: `${SCRAPE_INTERVAL_SECONDS}`,
    }),
  };
  return servicePart('orchestrator', context, port, environment, 15_000);
}

export function workersPart(context: ServiceContext, port: number, demo: boolean): Part {
  const { WORKER_HANDLERS, DRAIN_TIMEOUT } = context.config;
  const shipped = repositoryPath(`examples/handlers/${demo ? 'demo' : 'index'}.ts`);
  const environment = { WORKER_HANDLERS: WORKER_HANDLERS ?? shipped };
  return servicePart('workers', context, port, environment, DRAIN_TIMEOUT * 1000 + 10_000);
}

export function demoPlan(folder: DataFolder, orchestratorUrl: string, workersUrl: string): ProcessPlan {
  const args = [repositoryPath('src/local-stack/demo-load.ts'), orchestratorUrl, workersUrl];
  return nodePlan('demo', args, folder, {}, 5_000);
}

function servicePart(
  name: string,
  { folder, config, redisUrl }: ServiceContext,
  port: number,
  environment: Environment,
  stopLimitMs: number,
): Part {
  const url = `http://${reachableHost(config.SERVICE_HOST)}:${port}`;
  const variables = {
    SERVICE_NAME: `asdlc-${name}`,
    SERVICE_HOST: config.SERVICE_HOST,
    SERVICE_PORT: String(port),
    REDIS_URL: redisUrl,
    ...environment,
  };
  return {
    name,
    url,
    plan: nodePlan(name, [repositoryPath(`src/${name}/main.ts`)], folder, variables, stopLimitMs),
    check: serviceAnswers(url, config.METRICS_TOKEN),
    readyLimitMs: START_LIMIT_MS,
  };
}

function nodePlan(
  name: string,
  args: readonly string[],
  folder: DataFolder,
  environment: Environment,
  stopLimitMs: number,
): ProcessPlan {
  const logPath = join(folder.logs, `${name}.log`);
  return { name, command: process.execPath, args, environment, logPath, isOurs: true, stopLimitMs };
}

/** A path in this repository, wherever the stack was started. */
function repositoryPath(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}

/** Ready when GET /health/ready says so; else the answer's own words. */
function serviceAnswers(url: string, metricsToken: string | undefined): Check {
  const headers = metricsToken === undefined ? {} : { authorization: `Bearer ${metricsToken}` };
  return async () => {
    const response = await fetch(`${url}/health/ready`, { headers, signal: AbortSignal.timeout(5_000) });
    const text = await response.text();
    return response.ok ? undefined : `HTTP ${response.status} ${text.slice(0, 300)}`;
  };
}

import { dirname, join } from 'node:path';
import type { Environment, LocalStackConfig } from '../../shared/config.ts';
import { findHandlers } from '../../shared/handlers-module.ts';
import { programPath, shippedHandlers } from '../../shared/package.ts';
import type { DataFolder } from '../processes/data-folder.ts';
import type { ProcessPlan } from '../processes/managed-process.ts';
import { reachableHost } from './free-port.ts';
import { SCRAPE_INTERVAL_SECONDS } from './scrape-config.ts';
import { type ReadinessCheck, type Server, START_LIMIT_MS } from './server.ts';

/** Without these V8 lets the orchestrator's heap grow to several times what is in use. */
export const ORCHESTRATOR_FLAGS = ['--max-semi-space-size=8', '--heap-growing-percent=100'];

export interface ServiceContext {
  readonly folder: DataFolder;
  readonly config: LocalStackConfig;
  readonly redisUrl: string;
  readonly victoriaMetricsUrl: string;
}

export function orchestratorServer(context: ServiceContext, port: number): Server {
  const environment = {
    VICTORIAMETRICS_URL: context.victoriaMetricsUrl,
    // A server of the user's has an interval of its own. If SCRAPE_INTERVAL is set, the service inherits it.
    ...(context.config.VICTORIAMETRICS_URL === undefined && {
      SCRAPE_INTERVAL: `${SCRAPE_INTERVAL_SECONDS}`,
    }),
  };
  return nodeServer('orchestrator', context, port, environment, 15_000);
}

export function workersServer(context: ServiceContext, port: number, demo: boolean): Server {
  const { WORKER_HANDLERS, DRAIN_TIMEOUT } = context.config;
  const isDemo = demo && WORKER_HANDLERS === undefined;
  const handlers = isDemo
    ? { path: shippedHandlers('demo'), isShipped: true }
    : findHandlers(WORKER_HANDLERS);
  const environment = { WORKER_HANDLERS: handlers.path };
  const server = nodeServer('workers', context, port, environment, DRAIN_TIMEOUT * 1000 + 10_000);
  return handlers.isShipped ? server : { ...server, sources: dirname(handlers.path) };
}

/** The program that submits the demo's tasks. It is no server: nothing waits for it. */
export function demoPlan(folder: DataFolder, orchestratorUrl: string, workersUrl: string): ProcessPlan {
  const args = [programPath('local-stack/demo/main'), orchestratorUrl, workersUrl];
  return nodePlan('demo', args, folder, {}, 5_000);
}

function nodeServer(
  name: 'orchestrator' | 'workers',
  { folder, config, redisUrl }: ServiceContext,
  port: number,
  environment: Environment,
  stopLimitMs: number,
): Server {
  const url = `http://${reachableHost(config.SERVICE_HOST)}:${port}`;
  const variables = {
    SERVICE_NAME: `asdlc-${name}`,
    SERVICE_HOST: config.SERVICE_HOST,
    SERVICE_PORT: String(port),
    REDIS_URL: redisUrl,
    DRAIN_DELAY: '0', // no balancer is in front
    ...environment,
  };
  return {
    name,
    url,
    plan: nodePlan(
      name,
      [...(name === 'orchestrator' ? ORCHESTRATOR_FLAGS : []), programPath(`${name}/main`)],
      folder,
      variables,
      stopLimitMs,
    ),
    check: isReady(url, config.METRICS_TOKEN),
    readyLimitMs: START_LIMIT_MS,
    restarts: false,
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
  return { name, command: process.execPath, args, environment, logPath, isNodeService: true, stopLimitMs };
}

/** Ready when GET /health/ready returns 200. Otherwise the reason is the text of that response. */
function isReady(url: string, metricsToken: string | undefined): ReadinessCheck {
  const headers = metricsToken === undefined ? {} : { authorization: `Bearer ${metricsToken}` };
  return async () => {
    const response = await fetch(`${url}/health/ready`, { headers, signal: AbortSignal.timeout(5_000) });
    const text = await response.text();
    return response.ok ? undefined : `HTTP ${response.status} ${text.slice(0, 300)}`;
  };
}

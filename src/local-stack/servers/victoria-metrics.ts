import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { basicAuthorization } from '../../shared/basic-authorization.ts';
import type { DataFolder } from '../processes/data-folder.ts';
import { findProgram } from '../processes/find-program.ts';
import type { ProcessPlan } from '../processes/managed-process.ts';
import { type ScrapeTargets, writeScrapeConfig } from './scrape-config.ts';
import { GIVEN_SERVER_LIMIT_MS, type ReadinessCheck, type Server, START_LIMIT_MS } from './server.ts';

/**
 * Flags that guard the routes which delete, copy, merge or flush the data. A web page of another site can send requests
 * to this server, so each start sets random keys. They go into the environment: `ps` shows command lines to all users.
 */
const GUARDED_ROUTES = ['deleteAuthKey', 'snapshotAuthKey', 'forceMergeAuthKey', 'forceFlushAuthKey'];
const FLAG_PREFIX = 'VM_LOCAL_';

/** Returns the server at `givenUrl`; without one, a new VictoriaMetrics on `port` that scrapes the targets. */
export function victoriaMetricsServer(
  folder: DataFolder,
  givenUrl: string | undefined,
  port: number,
  targets: ScrapeTargets,
): Server {
  if (givenUrl !== undefined) {
    const check = answersQueries(givenUrl);
    const name = 'VictoriaMetrics (VICTORIAMETRICS_URL)';
    return { name, url: givenUrl, check, readyLimitMs: GIVEN_SERVER_LIMIT_MS, restarts: false };
  }
  const url = `http://127.0.0.1:${port}`;
  const plan = victoriaMetricsPlan(folder, port, targets);
  const check = answersQueries(url);
  return { name: plan.name, url, plan, check, readyLimitMs: START_LIMIT_MS, restarts: true };
}

/** The latency offset is shorter than in production: the newest samples appear in the charts at once. */
function victoriaMetricsPlan(folder: DataFolder, port: number, targets: ScrapeTargets): ProcessPlan {
  return {
    name: 'victoria-metrics',
    command: findProgram(['victoria-metrics', 'victoria-metrics-prod'], 'VICTORIAMETRICS_URL'),
    args: [
      `-httpListenAddr=127.0.0.1:${port}`,
      `-storageDataPath=${folder.folder('victoria-metrics')}`,
      '-retentionPeriod=30d',
      '-search.latencyOffset=1s',
      '-memory.allowedBytes=512MiB',
      `-promscrape.config=${writeScrapeConfig(folder, targets)}`,
      '-envflag.enable',
      `-envflag.prefix=${FLAG_PREFIX}`,
    ],
    environment: Object.fromEntries(
      GUARDED_ROUTES.map((flag) => [`${FLAG_PREFIX}${flag}`, randomBytes(24).toString('base64url')]),
    ),
    logPath: join(folder.logs, 'victoria-metrics.log'),
    isNodeService: false,
    stopLimitMs: 15_000,
  };
}

/** Ready when a query succeeds. /health is no help: it returns 200 while every query fails, and Prometheus has none. */
function answersQueries(url: string): ReadinessCheck {
  const { href, headers } = request(`${url.replace(/\/+$/, '')}/api/v1/query?query=1`);
  return async () => {
    const response = await fetch(href, { headers, redirect: 'manual', signal: AbortSignal.timeout(5_000) });
    await response.body?.cancel();
    return response.ok ? undefined : `the query \`1\` returned HTTP ${response.status}`;
  };
}

/** Returns the address of its own web pages: vmui, or the list of targets in Debian's build, which has no vmui. */
export async function webPage(url: string): Promise<string> {
  const signal = AbortSignal.timeout(2_000);
  const response = await fetch(`${url}/vmui/`, { redirect: 'manual', signal }).catch(() => undefined);
  await response?.body?.cancel();
  return response?.ok ? `${url}/vmui/` : `${url}/targets`;
}

/** fetch refuses a URL with a user and a password: they go into a header. */
function request(url: string): { href: string; headers: { authorization?: string } } {
  const parsed = new URL(url);
  const headers = basicAuthorization(parsed);
  parsed.username = '';
  parsed.password = '';
  return { href: parsed.href, headers };
}

import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DataFolder } from './data-folder.ts';
import { findProgram, type ProcessPlan } from './managed-process.ts';
import { GIVEN_SERVER_LIMIT_MS, type Part, START_LIMIT_MS } from './part.ts';
import type { Check } from './readiness.ts';

/** Shorter than one would have it in production. */
export const SCRAPE_INTERVAL_SECONDS = 5;

export interface ScrapeTargets {
  /** host:port */
  readonly orchestrator: string;
  readonly workers: string;
  readonly metricsToken: string | undefined;
}

/** The server at `givenUrl`; without one, our own, which scrapes the targets. */
export function victoriaMetricsPart(
  folder: DataFolder,
  givenUrl: string | undefined,
  port: number,
  targets: ScrapeTargets,
): Part {
  if (givenUrl !== undefined) {
    const check = victoriaMetricsAnswers(givenUrl);
    const name = 'VictoriaMetrics (VICTORIAMETRICS_URL)';
    return { name, url: givenUrl, check, readyLimitMs: GIVEN_SERVER_LIMIT_MS };
  }
  const url = `http://127.0.0.1:${port}`;
  const plan = victoriaMetricsPlan(folder, port, targets);
  return { name: plan.name, url, plan, check: victoriaMetricsAnswers(url), readyLimitMs: START_LIMIT_MS };
}

/** Scrapes more often, and hides less of the newest data, than one would in production: the charts move at once. */
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
    ],
    logPath: join(folder.logs, 'victoria-metrics.log'),
    isOurs: false,
    stopLimitMs: 15_000,
  };
}

/** The token goes to a file of its own, for VictoriaMetrics shows its configuration to whoever asks. */
function writeScrapeConfig(folder: DataFolder, targets: ScrapeTargets): string {
  const tokenPath = join(folder.path, 'metrics-token');
  rmSync(tokenPath, { force: true });
  if (targets.metricsToken !== undefined) writeFileSync(tokenPath, targets.metricsToken, { mode: 0o600 });
  const path = join(folder.path, 'scrape.yml');
  writeFileSync(path, scrapeConfig(targets, targets.metricsToken === undefined ? undefined : tokenPath));
  return path;
}

/** YAML for -promscrape.config. Strings are quoted as JSON's are, which YAML reads alike. */
export function scrapeConfig(
  { orchestrator, workers }: Pick<ScrapeTargets, 'orchestrator' | 'workers'>,
  tokenPath: string | undefined,
): string {
  const job = (name: string, target: string) => `  - job_name: ${name}
    static_configs:
      - targets: [${JSON.stringify(target)}]
${tokenPath === undefined ? '' : `    authorization:\n      credentials_file: ${JSON.stringify(tokenPath)}\n`}`;
  return `# Written by every start of the local stack: an edit is lost.
global:
  scrape_interval: ${SCRAPE_INTERVAL_SECONDS}s
  scrape_timeout: 4s
scrape_configs:
${job('asdlc-orchestrator', orchestrator)}${job('asdlc-workers', workers)}`;
}

/** Ready when it can answer a query: /health says 200 also while every query fails, and Prometheus has none. */
function victoriaMetricsAnswers(url: string): Check {
  const { href, headers } = request(`${url.replace(/\/+$/, '')}/api/v1/query?query=1`);
  return async () => {
    const response = await fetch(href, { headers, redirect: 'manual', signal: AbortSignal.timeout(5_000) });
    await response.body?.cancel();
    return response.ok ? undefined : `a query is answered with HTTP ${response.status}`;
  };
}

/** Where its own web pages are: Debian's build comes without vmui. */
export async function webPage(url: string): Promise<string> {
  const signal = AbortSignal.timeout(2_000);
  const response = await fetch(`${url}/vmui/`, { redirect: 'manual', signal }).catch(() => undefined);
  await response?.body?.cancel();
  return response?.ok ? `${url}/vmui/` : `${url}/targets`;
}

/** fetch refuses a URL with a user and password; they belong in a header. */
function request(url: string): { href: string; headers: Record<string, string> } {
  const parsed = new URL(url);
  const credentials = [parsed.username, parsed.password].map(decodeURIComponent).join(':');
  parsed.username = '';
  parsed.password = '';
  if (credentials === ':') return { href: parsed.href, headers: {} };
  return {
    href: parsed.href,
    headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
  };
}

import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe } from 'node:test';
import { promisify } from 'node:util';
import { request } from './http.ts';
import {
  freePort,
  type RunningServer,
  startOrchestrator,
  startProcess,
  startRedis,
  startVictoriaMetrics,
  temporaryFolder,
} from './processes.ts';
import { type Scope, suiteScope } from './scope.ts';
import { until } from './until.ts';

const run = promisify(execFile);

/** A service whose name needs escapes in PromQL. */
export const ODD_SERVICE = 'we"ird\\na\nme{☃}\u007f,=é';

/** The series that every upstream of these tests has. Only service a has `secret`, which is always 42. */
const SERIES: readonly [name: string, labels: Record<string, string>][] = [
  ['t', { service: 'a', kind: 'x' }],
  ['t', { service: 'b', kind: 'x' }],
  ['t', { service: ODD_SERVICE, kind: 'x' }],
  ['secret', { service: 'a', only_a: 'yes' }],
];
const POINTS = 10;

/** Time of the first of ten samples, in seconds. They are 1 s apart, and old enough that no TSDB holds them back. */
export const BEGIN = Math.floor(Date.now() / 1000) - 600;
export const END = BEGIN + POINTS - 1;

/** Returns the samples in the text format. Values of t go from 0 to 9. Times are in seconds or milliseconds. */
function exposition(unitsPerSecond: number): string {
  const lines = SERIES.flatMap(([name, labels]) => {
    const shown = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
    return Array.from({ length: POINTS }, (_, i) => {
      return `${name}{${shown}} ${name === 'secret' ? 42 : i} ${(BEGIN + i) * unitsPerSecond}`;
    });
  });
  return `${lines.join('\n')}\n`;
}

/** Starts Prometheus. It has the samples that are in `data` of the folder. */
export async function startPrometheus(
  scope: Scope,
  config: string,
  { port, folder, args = [] }: { port?: number; folder?: string; args?: readonly string[] } = {},
): Promise<RunningServer> {
  const usedPort = port ?? (await freePort());
  const usedFolder = folder ?? (await temporaryFolder(scope));
  await writeFile(join(usedFolder, 'prometheus.yml'), config);
  const running = startProcess(scope, 'prometheus', [
    `--config.file=${usedFolder}/prometheus.yml`,
    `--storage.tsdb.path=${usedFolder}/data`,
    `--web.listen-address=127.0.0.1:${usedPort}`,
    ...args,
  ]);
  const url = `http://127.0.0.1:${usedPort}`;
  await until('prometheus is ready', async () => (await fetch(`${url}/-/ready`)).ok);
  return { ...running, url, port: usedPort };
}

/** Starts Prometheus with the samples as a block. It also scrapes itself, as the service prom. */
export async function startFilledPrometheus(scope: Scope): Promise<RunningServer> {
  const [port, folder] = [await freePort(), await temporaryFolder(scope)];
  await writeFile(join(folder, 'samples'), `${exposition(1)}# EOF\n`);
  await run('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', `${folder}/samples`, `${folder}/data`]);
  const config = `scrape_configs:
  - job_name: self
    scrape_interval: 1s
    static_configs: [{ targets: ["127.0.0.1:${port}"], labels: { service: prom } }]
`;
  return startPrometheus(scope, config, { port, folder });
}

/**
 * Imports samples into VictoriaMetrics, in Prometheus's text format. By itself VictoriaMetrics may take 10 s until a
 * query finds new series: the flush ends that.
 */
export async function importSamples(url: string, body: string): Promise<void> {
  const { status } = await fetch(`${url}/api/v1/import/prometheus`, { method: 'POST', body });
  if (status !== 204) throw new Error(`expected 204 for imported samples; got ${status}`);
  await fetch(`${url}/internal/force_flush`);
}

export async function startFilledVictoriaMetrics(scope: Scope): Promise<RunningServer> {
  const tsdb = await startVictoriaMetrics(scope);
  await importSamples(tsdb.url, exposition(1000));
  return tsdb;
}

export interface QueryApi {
  /** The URL of the orchestrator. */
  readonly url: string;
  readonly upstream: 'victoria-metrics' | 'prometheus';
  readonly upstreamUrl: string;
}

/** Registers the same tests once for VictoriaMetrics and once for Prometheus. */
export function describeQueryApi(
  title: string,
  register: (api: () => QueryApi) => void,
  env: NodeJS.ProcessEnv = {},
): void {
  for (const upstream of ['victoria-metrics', 'prometheus'] as const) {
    describe(`${title}, in front of ${upstream}`, () => {
      const scope = suiteScope();
      let api: QueryApi;
      before(async () => {
        const start = upstream === 'prometheus' ? startFilledPrometheus : startFilledVictoriaMetrics;
        const [redis, tsdb] = await Promise.all([startRedis(scope), start(scope)]);
        const servers = { REDIS_URL: redis.url, VICTORIAMETRICS_URL: tsdb.url };
        const { url } = await startOrchestrator(scope, { ...servers, ...env });
        await until('the samples can be queried', async () => {
          const { body } = await request(`${tsdb.url}/api/v1/query?query=count(t)&time=${END}`);
          return body.data.result[0]?.value[1] === '3';
        });
        api = { url, upstream, upstreamUrl: tsdb.url };
      });
      register(() => api);
    });
  }
}

import { PANELS } from '../../src/infrastructure/telemetry/panels.ts';
import { post, request } from './http.ts';
import {
  freePort,
  type RunningServer,
  startOrchestrator,
  startRedis,
  startVictoriaMetrics,
  startWorkers,
} from './processes.ts';
import type { Scope } from './scope.ts';
import { until } from './until.ts';

export interface DrivenStack {
  readonly url: string;
  readonly orchestrator: RunningServer;
  readonly workers: RunningServer;
  readonly tsdb: RunningServer;
  readonly redis: RunningServer;
}

const scrapeConfig = (targets: Readonly<Record<string, number>>) => `
global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
${Object.entries(targets)
  .map(
    ([job, port]) => `  - { job_name: asdlc-${job}, static_configs: [{ targets: ["127.0.0.1:${port}"] }] }`,
  )
  .join('\n')}
`;

/** Starts the whole system. It is scraped every second, and gets traffic of every kind until the scope ends. */
export async function startDrivenStack(scope: Scope, env: NodeJS.ProcessEnv = {}): Promise<DrivenStack> {
  const redis = await startRedis(scope);
  const [orchestratorPort, workersPort] = [await freePort(), await freePort()];
  const tsdb = await startVictoriaMetrics(
    scope,
    scrapeConfig({ orchestrator: orchestratorPort, workers: workersPort }),
  );
  const common = { REDIS_URL: redis.url, VICTORIAMETRICS_URL: tsdb.url, SCRAPE_INTERVAL: '1', ...env };
  const [orchestrator, workers] = await Promise.all([
    startOrchestrator(scope, { ...common, SERVICE_PORT: `${orchestratorPort}` }),
    startWorkers(scope, { ...common, SERVICE_PORT: `${workersPort}` }),
  ]);
  const { url } = orchestrator;
  drive(scope, url, env.API_TOKEN);
  await until('the TSDB has scraped both services', async () => {
    const response = await fetch(`${tsdb.url}/api/v1/query?query=count(up==1)`);
    const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } };
    return data.result[0]?.value[1] === '2';
  });
  return { url, orchestrator, workers, tsdb, redis };
}

function drive(scope: Scope, url: string, token: string | undefined): void {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  let turn = 0;
  const timer = setInterval(() => {
    turn++;
    const event_type = turn % 7 === 0 ? 'fail.once' : turn % 5 === 0 ? 'fail' : 'echo';
    const task = { event_type, payload: { turn }, ...(event_type === 'fail' && { max_attempts: 1 }) };
    void post(`${url}/api/tasks`, task, headers).catch(() => undefined); // a test may have stopped the orchestrator
    if (turn % 10 === 0) void post(`${url}/api/tasks`, { event_type: '?' }, headers).catch(() => undefined);
  }, 200);
  scope.after(() => clearInterval(timer));
}

/** Waits until every panel has data for more than `points` seconds of the last minute. */
export async function untilPanelsHaveData(url: string, points = 5): Promise<void> {
  const hasMany = ({ values }: { values: (number | null)[] }) =>
    values.filter((value) => value !== null).length > points;
  for (const { name } of PANELS) {
    await until(
      `the panel ${name} has more than ${points} points`,
      async () => {
        const { body } = await request(`${url}/api/metrics/panels/${name}?range=1m&width=60`);
        return body.data.series.some(hasMany);
      },
      90_000,
    );
  }
}

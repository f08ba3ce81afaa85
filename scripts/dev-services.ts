import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/*
 * `npm run dev:services` runs both services under `node --watch` and with a debugger's port. REDIS_URL and
 * VICTORIAMETRICS_URL name servers that run already; without them this script starts its own. The first process that
 * ends ends them all, and so does Ctrl-C.
 */

const REDIS_PORT = 6390;
const VICTORIA_METRICS_PORT = 8490;
const { ORCHESTRATOR_PORT = '8080', WORKERS_PORT = '8081', REDIS_URL, VICTORIAMETRICS_URL } = process.env;

const root = join(import.meta.dirname, '..');
const data = join(root, '.asdlc/dev');

const scrapeConfig = `global: { scrape_interval: 5s }
scrape_configs:
  - job_name: asdlc-orchestrator
    static_configs: [{ targets: ['127.0.0.1:${ORCHESTRATOR_PORT}'] }]
  - job_name: asdlc-workers
    static_configs: [{ targets: ['127.0.0.1:${WORKERS_PORT}'] }]
`;

function start(
  command: string,
  args: readonly string[],
  environment: Record<string, string> = {},
  isQuiet = false,
) {
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ['ignore', isQuiet ? 'ignore' : 'inherit', 'inherit'],
  });
  child.once('error', ({ message }) => process.stderr.write(`${command}: ${message}\n`));
  child.once('close', stop);
  return child;
}

function startService(name: string, port: string, debuggerPort: number) {
  return start(
    process.execPath,
    ['--watch', '--watch-preserve-output', `--inspect=127.0.0.1:${debuggerPort}`, `src/${name}/main.ts`],
    {
      SERVICE_PORT: port,
      REDIS_URL: REDIS_URL ?? `redis://127.0.0.1:${REDIS_PORT}`,
      VICTORIAMETRICS_URL: VICTORIAMETRICS_URL ?? `http://127.0.0.1:${VICTORIA_METRICS_PORT}`,
      ...(VICTORIAMETRICS_URL === undefined && { SCRAPE_INTERVAL: '5' }),
    },
  );
}

function stop(): void {
  for (const child of children) child.kill('SIGTERM');
}

mkdirSync(join(data, 'redis'), { recursive: true });
writeFileSync(join(data, 'scrape.yml'), scrapeConfig);
const redisArgs = ['--bind', '127.0.0.1', '--port', `${REDIS_PORT}`, '--dir', join(data, 'redis')];
const victoriaMetricsArgs = [
  `-httpListenAddr=127.0.0.1:${VICTORIA_METRICS_PORT}`,
  `-storageDataPath=${join(data, 'victoria-metrics')}`,
  `-promscrape.config=${join(data, 'scrape.yml')}`,
  '-search.latencyOffset=0s',
  '-loggerLevel=ERROR',
];
const children = [
  ...(REDIS_URL === undefined ? [start('redis-server', redisArgs, {}, true)] : []),
  ...(VICTORIAMETRICS_URL === undefined ? [start('victoria-metrics', victoriaMetricsArgs)] : []),
  startService('orchestrator', ORCHESTRATOR_PORT, 9229),
  startService('workers', WORKERS_PORT, 9230),
];
process.once('SIGINT', stop);
process.once('SIGTERM', stop);

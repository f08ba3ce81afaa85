import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort as freePortOf } from '../../src/local-stack/servers/free-port.ts';
import { ORCHESTRATOR_FLAGS } from '../../src/local-stack/servers/node-services.ts';
import type { Scope } from './scope.ts';
import { until } from './until.ts';

export const REPOSITORY = join(import.meta.dirname, '../..');

/** The module of handlers that workers get unless a test names another. */
export const HANDLERS = join(REPOSITORY, 'tests/support/handlers.ts');

/** For processes that must see no setting of the one who runs the tests. Undefined values are not passed on. */
export const BARE_ENV = {
  PATH: process.env.PATH,
  NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
} satisfies NodeJS.ProcessEnv;

/** A process that a test started. `output` returns what it has printed so far. */
export interface RunningProcess {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** Sends the signal and waits for the end. Returns the exit code; null when the signal ended the process. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export const hasEnded = ({ child }: RunningProcess) => child.exitCode !== null || child.signalCode !== null;

export interface RunningServer extends RunningProcess {
  readonly url: string;
  readonly port: number;
}

/** A file for each port that a test took: its server listens there a second later, and no other test may take it until then. */
const TAKEN_PORTS = join(tmpdir(), 'asdlc-test-ports');
const TAKEN_FOR_MS = 60_000;

/** Returns a port on which nothing listens, and which no test on this machine has taken within the last minute. */
export async function freePort(): Promise<number> {
  await mkdir(TAKEN_PORTS, { recursive: true });
  for (;;) {
    const port = await freePortOf('127.0.0.1');
    if (await takePort(join(TAKEN_PORTS, String(port)))) return port;
  }
}

async function takePort(path: string): Promise<boolean> {
  const taken = await stat(path).catch(() => undefined);
  if (taken !== undefined && Date.now() - taken.mtimeMs < TAKEN_FOR_MS) return false;
  await rm(path, { force: true });
  return writeFile(path, '', { flag: 'wx' }).then(
    () => true,
    () => false, // another test took it at this moment
  );
}

/** Stops a process without ending it: it accepts connections, and sends nothing. It goes on after the test. */
export function pause(scope: Scope, { child }: RunningProcess): void {
  child.kill('SIGSTOP');
  scope.after(() => void child.kill('SIGCONT'));
}

export async function temporaryFolder(scope: Scope): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'asdlc-test-'));
  scope.after(() => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
  return folder;
}

/** Starts a program. It is killed at the end of the scope. */
export function startProcess(
  scope: Scope,
  command: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string } = {},
): RunningProcess {
  const child = spawn(command, args, {
    cwd: options.cwd ?? REPOSITORY,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  child.stdout.on('data', (chunk) => (text += chunk));
  child.stderr.on('data', (chunk) => (text += chunk));
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => resolve(code));
    child.once('error', (error) => {
      text += error;
      resolve(null);
    });
  });
  const stop = (signal: NodeJS.Signals = 'SIGTERM') => {
    child.kill(signal);
    return ended;
  };
  scope.after(() => stop('SIGKILL'));
  return { child, output: () => text, stop };
}

export async function startRedis(
  scope: Scope,
  port?: number,
  args: readonly string[] = [],
): Promise<RunningServer> {
  const usedPort = port ?? (await freePort());
  const folder = await temporaryFolder(scope);
  const fixed = ['--port', String(usedPort), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const running = startProcess(scope, 'redis-server', [
    ...fixed,
    '--maxmemory-policy',
    'noeviction',
    ...args,
  ]);
  await until('redis accepts connections', () => running.output().includes('Ready to accept connections'));
  return { ...running, url: `redis://127.0.0.1:${usedPort}`, port: usedPort };
}

/** Starts VictoriaMetrics. With a scrape configuration it scrapes too. */
export async function startVictoriaMetrics(
  scope: Scope,
  scrapeConfig?: string,
  moreArgs: readonly string[] = [],
): Promise<RunningServer> {
  const port = await freePort();
  const folder = await temporaryFolder(scope);
  const args = [
    `-storageDataPath=${folder}/data`,
    `-httpListenAddr=127.0.0.1:${port}`,
    '-search.latencyOffset=0s',
    ...moreArgs,
  ];
  if (scrapeConfig !== undefined) {
    await writeFile(join(folder, 'scrape.yml'), scrapeConfig);
    args.push(`-promscrape.config=${folder}/scrape.yml`);
  }
  const running = startProcess(scope, 'victoria-metrics', args);
  const url = `http://127.0.0.1:${port}`;
  await until('victoria-metrics is healthy', async () => (await fetch(`${url}/health`)).ok);
  if (scrapeConfig !== undefined) {
    // By itself it may take 10 s until a query finds the series that it has scraped.
    const flush = () => void fetch(`${url}/internal/force_flush`).catch(() => undefined); // a test may have stopped it
    const timer = setInterval(flush, 1_000);
    scope.after(() => clearInterval(timer));
  }
  return { ...running, url, port };
}

/** What a test waits for: `live` where the service is not to become ready. */
type Health = 'ready' | 'live';

export function startOrchestrator(
  scope: Scope,
  env: NodeJS.ProcessEnv,
  health?: Health,
): Promise<RunningServer> {
  return startService(scope, 'src/orchestrator/main.ts', env, { health, flags: ORCHESTRATOR_FLAGS });
}

export function startWorkers(scope: Scope, env: NodeJS.ProcessEnv, health?: Health): Promise<RunningServer> {
  return startService(scope, 'src/workers/main.ts', { WORKER_HANDLERS: HANDLERS, ...env }, { health });
}

/** Starts a worker process again and again, as systemd does. `stop` ends the last one and returns how many died. */
export function superviseWorkers(scope: Scope, env: NodeJS.ProcessEnv): { stop: () => Promise<number> } {
  const stopped = Promise.withResolvers<'stopped'>();
  scope.after(() => stopped.resolve('stopped'));
  const ends = (async () => {
    for (let deaths = 0; ; deaths++) {
      const more = { WORKER_HANDLERS: HANDLERS, SERVICE_PORT: String(await freePort()), ...env };
      const { child, stop } = startProcess(scope, process.execPath, ['src/workers/main.ts'], { env: more });
      if ((await Promise.race([once(child, 'exit'), stopped.promise])) !== 'stopped') continue;
      await stop();
      return deaths;
    }
  })();
  return {
    stop: () => {
      stopped.resolve('stopped');
      return ends;
    },
  };
}

/** `path` is that of a service's main.ts: in this repository, or an absolute one. */
export async function startService(
  scope: Scope,
  path: string,
  env: NodeJS.ProcessEnv,
  { health = 'ready', flags = [] }: { health?: Health | undefined; flags?: readonly string[] } = {},
): Promise<RunningServer> {
  const port = Number(env.SERVICE_PORT ?? (await freePort()));
  const running = startProcess(scope, process.execPath, [...flags, path], {
    env: { SERVICE_PORT: String(port), ...env },
  });
  const url = `http://127.0.0.1:${port}`;
  const isUp = async () => hasEnded(running) || (await fetch(`${url}/health/${health}`)).ok;
  await until(`${path} is ${health}`, isUp, 30_000);
  if (hasEnded(running)) throw new Error(`expected ${path} to run; it ended:\n${running.output()}`);
  return { ...running, url, port };
}

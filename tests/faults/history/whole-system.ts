import type { Redis } from 'ioredis';
import {
  freePort,
  type RunningServer,
  startOrchestrator,
  startRedis,
  startVictoriaMetrics,
  startWorkers,
  temporaryFolder,
} from '../../support/processes.ts';
import { adminOf } from '../../support/redis-servers.ts';
import { createRunLog, type RunLog } from '../../support/run-log.ts';
import type { Scope } from '../../support/scope.ts';
import { startProxy, type TcpProxy } from '../../support/tcp-proxy.ts';

const SCRAPE_MS = 300;

/** One process of a service, from its start to its end. */
export interface Life {
  readonly server: RunningServer;
  /** What `/metrics` showed last, and when it was asked. */
  exposition: string;
  scrapedAtMs: number;
  /** How a fault ended it. */
  ended?: { readonly by: NodeJS.Signals | 'itself'; readonly code: number | null; readonly atMs: number };
}

/** A service under faults. It keeps its port over all its lives. */
export class FaultedService {
  readonly name: string;
  /** Between the service and Redis. */
  readonly proxy: TcpProxy;
  readonly lives: Life[] = [];
  readonly #start: (port?: number) => Promise<RunningServer>;

  constructor(name: string, proxy: TcpProxy, start: (port?: number) => Promise<RunningServer>) {
    this.name = name;
    this.proxy = proxy;
    this.#start = start;
  }

  get life(): Life {
    const life = this.lives.at(-1);
    if (life === undefined) throw new Error(`expected a process of ${this.name}; got none`);
    return life;
  }

  get url(): string {
    return this.life.server.url;
  }

  /** With a port of its own it may run beside the one before. */
  async start(port?: number): Promise<void> {
    this.lives.push({ server: await this.#start(port), exposition: '', scrapedAtMs: Date.now() });
  }

  /** Ends the process. Returns its exit code. */
  async end(signal: NodeJS.Signals, life = this.life): Promise<number | null> {
    const code = await life.server.stop(signal);
    life.ended = { by: signal, code, atMs: Date.now() };
    return code;
  }

  /** Starts the process again if its handler has ended it. */
  async startIfEnded(): Promise<void> {
    const { exitCode, signalCode } = this.life.server.child;
    if (exitCode === null && signalCode === null) return;
    this.life.ended = { by: 'itself', code: exitCode, atMs: Date.now() };
    await this.start();
  }

  /** Notes what `/metrics` shows, unless it does not answer. */
  async scrape(): Promise<void> {
    for (const life of this.lives.filter(({ ended }) => ended === undefined)) {
      const atMs = Date.now();
      const response = await fetch(`${life.server.url}/metrics`, { signal: AbortSignal.timeout(3_000) });
      const text = await response.text();
      if (response.ok && atMs >= life.scrapedAtMs)
        Object.assign(life, { exposition: text, scrapedAtMs: atMs });
    }
  }
}

/** An orchestrator, two workers, Redis and a TSDB. Each service reaches Redis through a proxy of its own. */
export interface WholeSystem {
  readonly orchestrator: FaultedService;
  readonly workers: readonly FaultedService[];
  readonly services: readonly FaultedService[];
  redis: RunningServer;
  readonly admin: Redis;
  tsdb: RunningServer;
  readonly runs: RunLog;
  startRedisAgain(): Promise<void>;
  startTsdbAgain(): Promise<void>;
}

/** Redis writes to its disk before it replies, so what it acknowledged is never lost. */
const ALWAYS = ['--appendonly', 'yes', '--appendfsync', 'always'];

export async function startWholeSystem(
  scope: Scope,
  env: NodeJS.ProcessEnv = {},
  redisArgs: readonly string[] = ALWAYS,
): Promise<WholeSystem> {
  const [runs, folder] = [await createRunLog(scope), await temporaryFolder(scope)];
  const startOn = (port?: number) => startRedis(scope, port, [...redisArgs, '--dir', folder]);
  const redis = await startOn();
  const tsdb = await startVictoriaMetrics(scope);
  const tsdbProxy = await startProxy(scope, tsdb.port);
  const common = {
    VICTORIAMETRICS_URL: `http://127.0.0.1:${tsdbProxy.port}`,
    TASK_RETRY_DELAY: '0.2',
    DRAIN_TIMEOUT: '5',
    ...runs.env,
    ...env,
  };
  const service = async (name: string, start: typeof startWorkers) => {
    const proxy = await startProxy(scope, redis.port);
    const usual = await freePort();
    return new FaultedService(name, proxy, (port = usual) => {
      const own = { SERVICE_PORT: `${port}`, REDIS_URL: `redis://127.0.0.1:${proxy.port}` };
      return start(scope, { ...own, ...common }, 'live');
    });
  };
  const orchestrator = await service('orchestrator', startOrchestrator);
  const workers = [await service('worker 1', startWorkers), await service('worker 2', startWorkers)];
  const services = [orchestrator, ...workers];
  await Promise.all(services.map((each) => each.start()));
  const timer = setInterval(() => {
    for (const each of services) void each.scrape().catch(() => undefined); // a fault may have ended or stopped it
  }, SCRAPE_MS);
  scope.after(() => clearInterval(timer));
  const system: WholeSystem = {
    orchestrator,
    workers,
    services,
    redis,
    admin: adminOf(scope, redis.url),
    tsdb,
    runs,
    startRedisAgain: async () => {
      system.redis = await startOn(redis.port);
    },
    startTsdbAgain: async () => {
      system.tsdb = await startVictoriaMetrics(scope);
      tsdbProxy.pointTo(system.tsdb.port);
    },
  };
  return system;
}

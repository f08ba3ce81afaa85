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
  /** What `/metrics` showed last. */
  exposition: string;
  /** The signal that a fault sent to end it, and the exit code. */
  ended?: { readonly signal: NodeJS.Signals; readonly code: number | null };
}

/** A service under faults. It keeps its port over all its lives. */
export class FaultedService {
  readonly name: string;
  /** Between the service and Redis. */
  readonly proxy: TcpProxy;
  readonly lives: Life[] = [];
  readonly #start: () => Promise<RunningServer>;

  constructor(name: string, proxy: TcpProxy, start: () => Promise<RunningServer>) {
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

  async start(): Promise<void> {
    this.lives.push({ server: await this.#start(), exposition: '' });
  }

  /** Ends the process. Returns its exit code. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    const { life } = this;
    const code = await life.server.stop(signal);
    life.ended = { signal, code };
    return code;
  }

  /** Notes what `/metrics` shows, unless it does not answer or the process ends meanwhile. */
  async scrape(): Promise<void> {
    const { life } = this;
    const response = await fetch(`${this.url}/metrics`, { signal: AbortSignal.timeout(3_000) });
    const text = await response.text();
    if (response.ok && life.server.child.pid === this.life.server.child.pid) life.exposition = text;
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
    const SERVICE_PORT = `${await freePort()}`;
    const own = { ...common, SERVICE_PORT, REDIS_URL: `redis://127.0.0.1:${proxy.port}` };
    return new FaultedService(name, proxy, () => start(scope, own, 'live'));
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

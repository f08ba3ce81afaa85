import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { SeededRandom } from './seeded-random.ts';
import type { FaultedService, WholeSystem } from './whole-system.ts';

/** Breaks the system, mends it, and returns what it did. */
type Fault = (system: WholeSystem, random: SeededRandom) => Promise<string>;

/** A fault lasts for a time by itself: there is no event to wait for. */
const last = (random: SeededRandom, leastMs: number, mostMs: number): Promise<number> => {
  const ms = random.between(leastMs, mostMs);
  return sleep(ms, ms);
};

async function endAndStart(service: FaultedService, signal: NodeJS.Signals): Promise<string> {
  const code = await service.end(signal);
  await service.start();
  return `${service.name} got ${signal} and ended with ${code ?? signal}`;
}

async function pause(service: FaultedService, random: SeededRandom, mostMs: number): Promise<string> {
  service.life.server.child.kill('SIGSTOP');
  const ms = await last(random, 1_000, mostMs);
  service.life.server.child.kill('SIGCONT');
  return `${service.name} was stopped for ${ms} ms`;
}

const anyService = ({ services }: WholeSystem, random: SeededRandom) => random.pick(services);

export const RANDOM_FAULTS = {
  'worker killed': ({ workers }, random) => endAndStart(random.pick(workers), 'SIGKILL'),
  'worker terminated': ({ workers }, random) => endAndStart(random.pick(workers), 'SIGTERM'),
  'worker stopped': ({ workers }, random) => pause(random.pick(workers), random, 9_000),
  'orchestrator killed': ({ orchestrator }) => endAndStart(orchestrator, 'SIGKILL'),
  'orchestrator terminated': ({ orchestrator }) => endAndStart(orchestrator, 'SIGTERM'),
  'orchestrator stopped': ({ orchestrator }, random) => pause(orchestrator, random, 4_000),
  'Redis killed': async (system, random) => {
    await system.redis.stop('SIGKILL');
    const ms = await last(random, 500, 4_000);
    await system.startRedisAgain();
    return `Redis was killed and away for ${ms} ms`;
  },
  'Redis stopped': async ({ redis }, random) => {
    redis.child.kill('SIGSTOP');
    const ms = await last(random, 1_000, 5_000);
    redis.child.kill('SIGCONT');
    return `Redis was stopped for ${ms} ms`;
  },
  'connections cut': async (system, random) => {
    const { name, proxy } = anyService(system, random);
    proxy.cut();
    return `the connections of ${name} to Redis were reset`;
  },
  'packets vanish': async (system, random) => {
    const { name, proxy } = anyService(system, random);
    proxy.swallow();
    const ms = await last(random, 2_000, 4_000);
    return `the open connections of ${name} to Redis fell silent, ${ms} ms before the next fault`;
  },
  latency: async (system, random) => {
    const [{ name, proxy }, delayMs] = [anyService(system, random), random.between(50, 300)];
    proxy.delay(delayMs);
    const ms = await last(random, 1_500, 4_000);
    proxy.delay(0);
    return `Redis replied ${2 * delayMs} ms late to ${name} for ${ms} ms`;
  },
  'busy script': async ({ admin, redis }, random) => {
    await admin.config('SET', 'lua-time-limit', '50');
    const script = admin.eval('while true do end', 0).catch(() => undefined); // it ends by SCRIPT KILL
    const ms = await last(random, 1_000, 3_000);
    const killer = new Redis(redis.url, { enableReadyCheck: false });
    await killer.script('KILL');
    killer.disconnect();
    await script;
    return `a script kept Redis busy for ${ms} ms`;
  },
  'memory full': async ({ admin }, random) => {
    await admin.config('SET', 'maxmemory', '1');
    const ms = await last(random, 1_000, 4_000);
    await admin.config('SET', 'maxmemory', '0');
    return `Redis was out of memory for ${ms} ms`;
  },
  'TSDB killed': async (system, random) => {
    await system.tsdb.stop('SIGKILL');
    const ms = await last(random, 500, 2_000);
    await system.startTsdbAgain();
    return `the TSDB was killed and away for ${ms} ms`;
  },
} as const satisfies Readonly<Record<string, Fault>>;

export type FaultName = keyof typeof RANDOM_FAULTS;

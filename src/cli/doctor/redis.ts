import type { Redis } from 'ioredis';
import { createClient } from '../../shared/queue/redis/client.ts';
import { RedisCheck } from '../../shared/queue/redis/redis-check.ts';
import { type FindingName, findingsIn, readInfo } from '../../shared/queue/redis/server-findings.ts';
import { locateRedis, type RedisSettings } from '../../shared/redis-server.ts';
import { shownAddress } from '../../shared/redis-url.ts';
import { clockFinding, type Finding, ok, problem, warning } from './finding.ts';

const LIMIT_MS = 3_000;
const PINGS = 21;
/** Every task costs several round trips. */
const SLOW_PING_MS = 5;
const FULL = 0.8;

const READ_TIME = "return redis.call('TIME')";

const ADVICE: Readonly<Record<FindingName, string>> = {
  maxmemory_policy: 'Set `maxmemory-policy noeviction` in redis.conf: any other policy may throw tasks away.',
  version: 'Upgrade Redis: the queue needs commands that this version lacks.',
  append_only_file:
    'Set `appendonly yes` and `appendfsync everysec`: a crash loses all tasks since the last snapshot.',
};

const NAMES: Readonly<Record<FindingName, string>> = {
  maxmemory_policy: 'Redis: maxmemory-policy',
  version: 'Redis: version',
  append_only_file: 'Redis: append-only file',
};

export interface RedisOptions extends RedisSettings {
  readonly QUEUE_PREFIX: string;
}

/** Checks whether Redis is there, and set up as the queue needs it. */
export async function checkRedis(settings: RedisOptions): Promise<Finding[]> {
  const server = locateRedis(settings);
  const address = shownAddress(server.address);
  const redis = createClient(server, {
    lazyConnect: true,
    connectTimeout: LIMIT_MS,
    commandTimeout: LIMIT_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let failure: Error | undefined;
  redis.on('error', (error: Error) => {
    failure ??= error;
  });
  try {
    await redis.connect();
    return await inspect(redis, settings.QUEUE_PREFIX, address);
  } catch (error) {
    const { message } = failure ?? (error as Error); // ioredis throws errors only
    const advice = 'Start Redis, or set REDIS_URL to one that runs. `asdlc start` brings its own.';
    return [problem('Redis', `${address} does not answer: ${message}`, advice)];
  } finally {
    redis.disconnect();
  }
}

async function inspect(redis: Redis, prefix: string, address: string): Promise<Finding[]> {
  const info = await readInfo(redis, prefix);
  const [latency, skew] = [await latencyFinding(redis, prefix), await skewFinding(redis, prefix)];
  // Last: a server that is not the primary loses this connection by it.
  const written = await new RedisCheck(redis, { prefix, limitMs: LIMIT_MS }).check();
  const field = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
  const wrong = findingsIn(info).map(({ finding, expected, got }) => {
    const make = finding === 'append_only_file' ? warning : problem;
    return make(NAMES[finding], `expected ${expected}; got ${got}`, ADVICE[finding]);
  });
  const isWrong = (name: FindingName) => wrong.some(({ check }) => check === NAMES[name]);
  return [
    ok('Redis', `${address} answers`),
    written.up
      ? ok(
          'Redis: role',
          `${field('role') === 'master' ? 'primary' : (field('role') ?? 'not told')}, writable`,
        )
      : problem(
          'Redis: role',
          `not writable: ${written.error}`,
          'Connect to the primary, with a user that may write.',
        ),
    ...(isWrong('version') ? [] : [ok(NAMES.version, field('redis_version') ?? 'not told')]),
    ...(isWrong('append_only_file') ? [] : [ok(NAMES.append_only_file, 'on')]),
    ...(isWrong('maxmemory_policy')
      ? []
      : [ok(NAMES.maxmemory_policy, field('maxmemory_policy') ?? 'not told')]),
    ...wrong,
    memoryFinding(Number(field('used_memory')), Number(field('maxmemory'))),
    latency,
    skew,
  ];
}

function memoryFinding(used: number, limit: number): Finding {
  const check = 'Redis: memory';
  const shown = `${(used / 2 ** 20).toFixed(0)} MiB`;
  if (!(limit > 0)) return ok(check, `${shown}, no limit`);
  const found = `${shown} of ${(limit / 2 ** 20).toFixed(0)} MiB`;
  if (used < FULL * limit) return ok(check, found);
  return warning(check, found, 'Raise maxmemory or keep fewer tasks: a full Redis refuses new ones.');
}

/** A script, so that a Cluster sends it to the node that has the queue. */
async function latencyFinding(redis: Redis, prefix: string): Promise<Finding> {
  const durationsMs: number[] = [];
  for (let i = 0; i < PINGS; i++) {
    const startedAt = performance.now();
    await redis.eval('return 1', 1, `${prefix}:check`);
    durationsMs.push(performance.now() - startedAt);
  }
  const medianMs = durationsMs.toSorted((a, b) => a - b)[(PINGS - 1) / 2] ?? 0;
  const found = `${medianMs.toFixed(2)} ms for a round trip (median of ${PINGS})`;
  if (medianMs <= SLOW_PING_MS) return ok('Redis: latency', found);
  return warning('Redis: latency', found, 'Run Redis nearer: each task takes several round trips.');
}

async function skewFinding(redis: Redis, prefix: string): Promise<Finding> {
  const sentAt = Date.now();
  const [seconds, microseconds] = (await redis.eval(READ_TIME, 1, `${prefix}:check`)) as string[]; // as TIME
  const wayMs = Date.now() - sentAt;
  const redisMs = Number(seconds) * 1000 + Number(microseconds) / 1000;
  return clockFinding('Redis: clock', (redisMs - sentAt - wayMs / 2) / 1000, wayMs / 1000);
}

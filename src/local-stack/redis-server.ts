import { join } from 'node:path';
import type { LocalStackConfig } from '../shared/config.ts';
import { createClient } from '../shared/queue/redis/client.ts';
import { type RedisServer, redisServer } from '../shared/queue/redis/server.ts';
import type { DataFolder } from './data-folder.ts';
import { findProgram, type ProcessPlan } from './managed-process.ts';
import { GIVEN_SERVER_LIMIT_MS, type Part, START_LIMIT_MS } from './part.ts';
import type { Check } from './readiness.ts';

/** The Redis server at `givenUrl`; without one, our own. */
export function redisPart(folder: DataFolder, config: LocalStackConfig, port: number): Part {
  const givenUrl = config.REDIS_URL;
  if (givenUrl !== undefined) {
    const check = redisAnswers(redisServer({ ...config, REDIS_URL: givenUrl }));
    return { name: 'Redis (REDIS_URL)', url: givenUrl, check, readyLimitMs: GIVEN_SERVER_LIMIT_MS };
  }
  const url = `redis://127.0.0.1:${port}`;
  const plan = redisServerPlan(folder, port);
  const check = redisAnswers(redisServer({ REDIS_URL: url, REDIS_MODE: 'single' }));
  return { name: plan.name, url, plan, check, readyLimitMs: START_LIMIT_MS };
}

/** As the queue needs it: at most a second of what it has acknowledged can be lost, and nothing is evicted. */
function redisServerPlan(folder: DataFolder, port: number): ProcessPlan {
  const options = {
    bind: '127.0.0.1',
    port: String(port),
    dir: folder.folder('redis'),
    appendonly: 'yes',
    appendfsync: 'everysec',
    'maxmemory-policy': 'noeviction',
    save: '',
    daemonize: 'no',
  };
  return {
    name: 'redis-server',
    command: findProgram(['redis-server'], 'REDIS_URL'),
    args: Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]),
    logPath: join(folder.logs, 'redis-server.log'),
    isOurs: false,
    stopLimitMs: 15_000,
  };
}

/** Ready when it answers PING; not while it loads its data. */
function redisAnswers(server: RedisServer): Check {
  return async () => {
    const redis = createClient(server, {
      lazyConnect: true,
      enableReadyCheck: false,
      connectTimeout: 2_000,
      commandTimeout: 2_000,
      maxRetriesPerRequest: 0,
      retryStrategy: () => null,
    });
    let failure: Error | undefined;
    redis.on('error', (error: Error) => {
      failure = error;
    });
    try {
      await redis.connect();
      await redis.ping();
      return undefined;
    } catch (error) {
      return (failure ?? (error as Error)).message; // ioredis throws errors only
    } finally {
      redis.disconnect();
    }
  };
}

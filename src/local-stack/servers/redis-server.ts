import { join } from 'node:path';
import type { LocalStackConfig } from '../../shared/config.ts';
import { createClient } from '../../shared/queue/redis/client.ts';
import { locateRedis, type RedisServer } from '../../shared/redis-server.ts';
import type { DataFolder } from '../processes/data-folder.ts';
import { findProgram } from '../processes/find-program.ts';
import type { ProcessPlan } from '../processes/managed-process.ts';
import { GIVEN_SERVER_LIMIT_MS, type ReadinessCheck, type Server, START_LIMIT_MS } from './server.ts';

/** Returns the Redis server of the settings; without REDIS_URL, a new server on `port`. */
export function redisServer(folder: DataFolder, config: LocalStackConfig, port: number): Server {
  const givenUrl = config.REDIS_URL;
  if (givenUrl !== undefined) {
    const check = redisAnswers(locateRedis({ ...config, REDIS_URL: givenUrl }));
    const name = 'Redis (REDIS_URL)';
    return { name, url: givenUrl, check, readyLimitMs: GIVEN_SERVER_LIMIT_MS, restarts: false };
  }
  const url = `redis://127.0.0.1:${port}`;
  const plan = redisPlan(folder, port);
  const check = redisAnswers(locateRedis({ REDIS_URL: url, REDIS_MODE: 'single' }));
  return { name: plan.name, url, plan, check, readyLimitMs: START_LIMIT_MS, restarts: true };
}

/** What the queue needs: a crash loses at most the last second of writes, and Redis evicts nothing. */
function redisPlan(folder: DataFolder, port: number): ProcessPlan {
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
    isNodeService: false,
    stopLimitMs: 15_000,
  };
}

/** Ready when Redis replies to PING. While it loads its data, it does not. */
function redisAnswers(server: RedisServer): ReadinessCheck {
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

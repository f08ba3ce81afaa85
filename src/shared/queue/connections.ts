import { setTimeout as sleep } from 'node:timers/promises';
import { Redis, type RedisOptions } from 'ioredis';
import type { Logger } from '../service/logging.ts';

export interface RedisObserver {
  /** A sent command has succeeded or failed. `operation`: its name in lower case. Duration: from sending to the end. */
  commandEnded(operation: string, durationSeconds: number): void;
  /** A command failed: Redis refused it, it timed out, or the connection was lost, even before it was sent. */
  commandFailed(operation: string): void;
  /** A lost connection works again. */
  reconnected(): void;
}

export interface RedisDependencies {
  readonly url: string;
  readonly logger: Logger;
  readonly observer?: RedisObserver;
}

/** Longest wait for one reply on a request path, in milliseconds. */
const COMMAND_TIMEOUT_MS = 1_000;
const MAX_RECONNECT_DELAY_MS = 1_000;

/** These wait for work to come, so their duration says nothing about Redis. */
const BLOCKING_COMMANDS = new Set(
  'blpop brpop brpoplpush blmove blmpop bzpopmin bzpopmax bzmpop xread xreadgroup wait waitaof'.split(' '),
);

/**
 * A connection for request paths. While Redis is away a command fails at once. A command without a reply fails after
 * COMMAND_TIMEOUT_MS; Redis may still have carried it out.
 */
export function createRequestRedis(dependencies: RedisDependencies): Redis {
  return connect('request', dependencies, {
    commandTimeout: COMMAND_TIMEOUT_MS,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
  });
}

/**
 * A connection for the worker pool: commands wait until Redis is back. The socket's time limit finds connections that
 * were dropped silently. It must exceed 10 s, the longest time for which the pool sends nothing.
 */
export function createConsumerRedis(dependencies: RedisDependencies): Redis {
  return connect('consumer', dependencies, { maxRetriesPerRequest: null, socketTimeout: 15_000 });
}

function connect(
  purpose: string,
  { url, logger, observer }: RedisDependencies,
  options: Omit<RedisOptions, 'replyMapping'>,
): Redis {
  const redis = new Redis(url, {
    ...options,
    connectTimeout: 5_000,
    retryStrategy: (attempt) => Math.min(50 * attempt, MAX_RECONNECT_DELAY_MS),
  });
  logTransitions(redis, logger.child({ connection: purpose }));
  if (observer) observe(redis, observer);
  return redis;
}

const closedOnPurpose = new WeakSet<Redis>();

/** Logs one line when the connection is lost and one when it is back, however many attempts lie between. */
function logTransitions(redis: Redis, logger: Logger): void {
  let lostAt: number | undefined;
  let lastError: Error | undefined;
  redis.on('error', (error: Error) => {
    lastError = error;
  });
  redis.on('close', () => {
    if (lostAt !== undefined || closedOnPurpose.has(redis)) return;
    lostAt = performance.now();
    logger.warn({ reason: lastError?.message }, 'no connection to redis; reconnecting until it answers');
  });
  redis.on('ready', () => {
    if (lostAt !== undefined) {
      logger.info({ away_seconds: (performance.now() - lostAt) / 1000 }, 'connected to redis again');
    }
    lostAt = undefined;
    lastError = undefined;
  });
}

/** Holds when a command was sent. It is kept on the command itself: a WeakMap is slow to collect. */
const OBSERVED = Symbol('observed');
type SentCommand = Parameters<Redis['sendCommand']>[0] & {
  /** 0 until it is sent. */
  [OBSERVED]?: { startedAt: number };
};

/**
 * Patches this connection alone, not the duplicates that BullMQ makes for blocking commands. ioredis sends a command
 * through here again when it had to wait for a connection. That wait does not count as Redis's time, and the command
 * fails only once.
 */
function observe(redis: Redis, observer: RedisObserver): void {
  let isFirst = true;
  redis.on('ready', () => {
    if (!isFirst) observer.reconnected();
    isFirst = false;
  });
  const known = new Set(redis.getBuiltinCommands());
  const send = redis.sendCommand.bind(redis);
  redis.sendCommand = (command: SentCommand, stream) => {
    command[OBSERVED] ??= observeEnd(command, known, observer);
    if (redis.status === 'ready') command[OBSERVED].startedAt ||= performance.now();
    return send(command, stream);
  };
}

function observeEnd(command: SentCommand, known: ReadonlySet<string>, observer: RedisObserver) {
  const name = command.name.toLowerCase();
  const operation = known.has(name) ? name : 'other';
  const times = { startedAt: 0 };
  const end = () => {
    if (times.startedAt === 0 || BLOCKING_COMMANDS.has(name)) return;
    observer.commandEnded(operation, (performance.now() - times.startedAt) / 1000);
  };
  command.promise.then(end, () => {
    observer.commandFailed(operation);
    end();
  });
  return times;
}

/** Closes with QUIT while Redis answers. Closes at once when it does not: Redis may hang behind an open connection. */
export async function closeRedis(redis: Redis): Promise<void> {
  closedOnPurpose.add(redis);
  const late = sleep(COMMAND_TIMEOUT_MS, undefined, { ref: false });
  if (redis.status === 'ready') await Promise.race([redis.quit().catch(() => undefined), late]);
  redis.disconnect();
}

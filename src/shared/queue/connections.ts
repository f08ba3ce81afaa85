import { setTimeout as sleep } from 'node:timers/promises';
import { Redis, type RedisOptions } from 'ioredis';
import type { Logger } from '../service/logging.ts';

export interface RedisObserver {
  /** A command that was sent has ended, well or not: its name in lower case, and seconds from sending to its end. */
  commandEnded(operation: string, durationSeconds: number): void;
  /** A command was refused, timed out or cut off, whether it had been sent or not. */
  commandFailed(operation: string): void;
  /** A connection that was lost works again. */
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

/** Its reply comes when there is work, so its duration says nothing about Redis. */
const BLOCKING_COMMANDS = new Set(
  'blpop brpop brpoplpush blmove blmpop bzpopmin bzpopmax bzmpop xread xreadgroup wait waitaof'.split(' '),
);

/**
 * A connection for request paths: while Redis is away a command fails at once, and one without a reply
 * fails after COMMAND_TIMEOUT_MS. Such a command may still have been carried out.
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
 * A connection for the worker pool: commands wait until Redis is back. Without the socket's time limit a
 * connection that was dropped silently would never be noticed; the pool's longest silence is 10 s.
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

/** One line when the connection is lost and one when it is back, however many attempts lie between. */
function logTransitions(redis: Redis, logger: Logger): void {
  let lostAt: number | undefined;
  let lastError: Error | undefined;
  redis.on('error', (error: Error) => {
    lastError = error;
  });
  redis.on('close', () => {
    if (lostAt !== undefined || closedOnPurpose.has(redis)) return;
    lostAt = performance.now();
    logger.warn({ reason: lastError?.message }, 'no connection to redis; trying again until it answers');
  });
  redis.on('ready', () => {
    if (lostAt !== undefined) {
      logger.info({ away_seconds: (performance.now() - lostAt) / 1000 }, 'connected to redis again');
    }
    lostAt = undefined;
    lastError = undefined;
  });
}

/** Marks what is known of a command: kept on the command itself, where a WeakMap is slow to collect. */
const OBSERVED = Symbol('observed');
type SentCommand = Parameters<Redis['sendCommand']>[0] & {
  /** When it was sent; 0 before. */
  [OBSERVED]?: { startedAt: number };
};

/**
 * Patches this connection alone: a duplicate (as BullMQ makes for blocking commands) is not observed. A command
 * passes here again when it had to wait for a connection: that time is not Redis's, and it fails but once.
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

/** Closes politely while Redis answers, at once when it does not: a connection may be open to a Redis that hangs. */
export async function closeRedis(redis: Redis): Promise<void> {
  closedOnPurpose.add(redis);
  const late = sleep(COMMAND_TIMEOUT_MS, undefined, { ref: false });
  if (redis.status === 'ready') await Promise.race([redis.quit().catch(() => undefined), late]);
  redis.disconnect();
}

import { Redis, type RedisOptions } from 'ioredis';
import type { Logger } from './logging.ts';

/** Told the end of each command: name in lower case, seconds from sending to reply, and whether it failed. */
export type CommandObserver = (operation: string, durationSeconds: number, failed: boolean) => void;

export interface RedisDependencies {
  readonly url: string;
  readonly logger: Logger;
  readonly onCommand?: CommandObserver;
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
  { url, logger, onCommand }: RedisDependencies,
  options: Omit<RedisOptions, 'replyMapping'>,
): Redis {
  const redis = new Redis(url, {
    ...options,
    connectTimeout: 5_000,
    retryStrategy: (attempt) => Math.min(50 * attempt, MAX_RECONNECT_DELAY_MS),
  });
  logTransitions(redis, logger.child({ connection: purpose }));
  if (onCommand) observeCommands(redis, onCommand);
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

type SentCommand = Parameters<Redis['sendCommand']>[0];

/**
 * Patches this connection alone: a duplicate (as BullMQ makes for blocking commands) is not observed.
 * The handshake and commands that wait for a connection are not Redis's time: those pass here again when sent.
 */
function observeCommands(redis: Redis, onCommand: CommandObserver): void {
  const known = new Set(redis.getBuiltinCommands());
  const seen = new WeakSet<SentCommand>();
  const send = redis.sendCommand.bind(redis);
  redis.sendCommand = (command, stream) => {
    const name = command.name.toLowerCase();
    if (redis.status === 'ready' && !BLOCKING_COMMANDS.has(name) && !seen.has(command)) {
      seen.add(command);
      const operation = known.has(name) ? name : 'other';
      const startedAt = performance.now();
      const end = (failed: boolean) => onCommand(operation, (performance.now() - startedAt) / 1000, failed);
      command.promise.then(
        () => end(false),
        () => end(true),
      );
    }
    return send(command, stream);
  };
}

/** Closes politely while Redis answers, at once when it does not. */
export async function closeRedis(redis: Redis): Promise<void> {
  closedOnPurpose.add(redis);
  if (redis.status === 'ready') await redis.quit().catch(() => undefined);
  redis.disconnect();
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { RedisServer } from '../redis-server.ts';
import type { Logger } from '../service/logging.ts';
import { type ClientOptions, createClient, wasReplaced } from './redis/client.ts';
import { observeCommands, type RedisObserver } from './redis/command-observer.ts';
import { joinWrites } from './redis/joined-writes.ts';

export interface RedisDependencies {
  readonly server: RedisServer;
  readonly logger: Logger;
  readonly observer?: RedisObserver;
}

/** Longest wait for one reply on a request path, in milliseconds. */
const COMMAND_TIMEOUT_MS = 1_000;
/** The longest silence while a reply is due. Then the connection counts as dropped, and another one is made. */
const REQUEST_SILENCE_MS = 5_000;
const CONSUMER_SILENCE_MS = 15_000;

/**
 * A connection for request paths. While Redis is away a command fails at once. A command without a reply fails after
 * COMMAND_TIMEOUT_MS; Redis may still have carried it out. A connection that was dropped silently is found by
 * REQUEST_SILENCE_MS.
 */
export function createRequestRedis(dependencies: RedisDependencies): Redis {
  return connect('request', dependencies, {
    commandTimeout: COMMAND_TIMEOUT_MS,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    socketTimeout: REQUEST_SILENCE_MS,
  });
}

/**
 * A connection for the worker pool: commands wait until Redis is back. The socket's time limit finds connections that
 * were dropped silently. It must exceed 10 s, the longest time for which the pool sends nothing.
 */
export function createConsumerRedis(dependencies: RedisDependencies): Redis {
  const redis = connect('consumer', dependencies, {
    maxRetriesPerRequest: null,
    socketTimeout: CONSUMER_SILENCE_MS,
  });
  joinWrites(redis);
  return redis;
}

/**
 * A connection for messages. It says nothing of its losses: the others do, and what matters of a message is in Redis too.
 */
export function createSubscriberRedis({ server }: RedisDependencies): Redis {
  const redis = createClient(server, { maxRetriesPerRequest: null });
  redis.on('error', () => undefined);
  return redis;
}

/**
 * A connection for blocking reads of up to 2 s. It says nothing of its losses: the others do. A read fails at once when the
 * connection is lost, and when Redis is silent for REQUEST_SILENCE_MS.
 */
export function createReadingRedis({ server, observer }: RedisDependencies): Redis {
  const redis = createClient(server, {
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    socketTimeout: REQUEST_SILENCE_MS,
  });
  redis.on('error', () => undefined);
  if (observer) observeCommands(redis, observer);
  return redis;
}

function connect(
  purpose: string,
  { server, logger, observer }: RedisDependencies,
  options: ClientOptions,
): Redis {
  const redis = createClient(server, options);
  noteProblems(redis);
  logTransitions(redis, logger.child({ connection: purpose }));
  if (observer) observeCommands(redis, observer);
  return redis;
}

/** Why a connection that is not ready is not, as far as known. */
const problems = new WeakMap<Redis, string>();

/** Of each try to connect the first error counts: the others follow from it. */
function noteProblems(redis: Redis): void {
  let isNoted = false;
  redis.on('connecting', () => {
    isNoted = false;
  });
  redis.on('error', (error: ConnectionError) => {
    if (!isNoted) problems.set(redis, reasonOf(error));
    isNoted = true;
  });
  redis.on('ready', () => problems.delete(redis));
}

/** ioredis adds the command that failed, and the error of the last node of a Cluster that was asked. */
type ConnectionError = Error & { command?: { name: string }; lastNodeError?: Error };

function reasonOf({ message, command, lastNodeError }: ConnectionError): string {
  if (command?.name === 'select') return `the database of REDIS_URL is not there: ${message}`;
  return lastNodeError ? `${message} ${lastNodeError.message}` : message;
}

/** Returns undefined while the connection is ready, else why it is not, as far as known. */
export function connectionProblem(redis: Redis): string | undefined {
  if (redis.status === 'ready') return undefined;
  const reason = problems.get(redis);
  return reason === undefined ? NOT_CONNECTED : `${NOT_CONNECTED}: ${reason}`;
}

export const NOT_CONNECTED = 'not connected';

const closedOnPurpose = new WeakSet<Redis>();

/** Reasons that one loss is logged with: the nodes of a Cluster have one each. */
const MAX_REASONS = 3;

/**
 * Logs one line when the connection is lost, one for each further reason why it is not back, and one when it is, however
 * many attempts lie between. A connection that we replace is not lost: what was wrong with it is logged as a refusal.
 */
function logTransitions(redis: Redis, logger: Logger): void {
  let lostAt: number | undefined;
  const reasons = new Set<string | undefined>();
  const noteReason = (message: string) => {
    const reason = problems.get(redis);
    if (reasons.has(reason) || reasons.size > MAX_REASONS) return;
    reasons.add(reason);
    logger.warn({ reason }, message);
  };
  redis.on('close', () => {
    if (wasReplaced(redis) || lostAt !== undefined || closedOnPurpose.has(redis)) return;
    lostAt = performance.now();
    reasons.clear();
    noteReason('no connection to redis; reconnecting until it answers');
  });
  redis.on('error', () => {
    if (lostAt !== undefined) noteReason('redis cannot be reached yet');
  });
  redis.on('ready', () => {
    if (lostAt !== undefined) {
      logger.info({ away_seconds: (performance.now() - lostAt) / 1000 }, 'connected to redis again');
    }
    lostAt = undefined;
  });
}

/** Closes with QUIT while Redis answers. Closes at once when it does not: Redis may hang behind an open connection. */
export async function closeRedis(redis: Redis): Promise<void> {
  closedOnPurpose.add(redis);
  const late = sleep(COMMAND_TIMEOUT_MS, undefined, { ref: false });
  if (redis.status === 'ready') await Promise.race([redis.quit().catch(() => undefined), late]);
  redis.disconnect();
}

import type { Redis } from 'ioredis';

export interface RedisObserver {
  /** A sent command has succeeded or failed. `operation`: its name in lower case. Duration: from sending to the end. */
  commandEnded(operation: string, durationSeconds: number): void;
  /** A command failed: Redis refused it, it timed out, or the connection was lost, even before it was sent. */
  commandFailed(operation: string): void;
  /** A lost connection works again. */
  reconnected(): void;
}

/** The commands that both services send, through BullMQ too. Their error counters begin at 0. */
export const KNOWN_OPERATIONS =
  'client eval evalsha exists hello hexists hget hmget info llen quit set zcard zlexcount'.split(' ');

/** These wait for work to come, so their duration says nothing about Redis. */
const BLOCKING_COMMANDS = new Set(
  'blpop brpop brpoplpush blmove blmpop bzpopmin bzpopmax bzmpop xread xreadgroup wait waitaof'.split(' '),
);

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
export function observeCommands(redis: Redis, observer: RedisObserver): void {
  let isFirst = true;
  redis.on('ready', () => {
    if (!isFirst) observer.reconnected();
    isFirst = false;
  });
  const known = new Set(redis.getBuiltinCommands());
  const send = redis.sendCommand.bind(redis);
  redis.sendCommand = (command: SentCommand, ...more) => {
    command[OBSERVED] ??= observeEnd(command, known, observer);
    if (redis.status === 'ready') command[OBSERVED].startedAt ||= performance.now();
    return send(command, ...more); // a Cluster's pipeline passes one argument more than is declared
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

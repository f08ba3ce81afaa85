import type { Socket } from 'node:net';
import type { Redis } from 'ioredis';

/** Redis begins with these while the process prepares the next ones: with larger groups each would wait for the other. */
const MOST_TOGETHER = 4;

/**
 * Sends commands together that are sent in one turn of the event loop, with the promises that follow from it, up to four at
 * once. ioredis makes a system call for each command, and Redis one for each that comes alone. The tasks of a pool often
 * end together: one reply of Redis tells of several. Does nothing for a Cluster, whose connections are its own.
 */
export function joinWrites(redis: Redis): void {
  const send = redis.sendCommand.bind(redis);
  let held: { readonly stream: Socket; count: number } | undefined;
  const flush = () => {
    held?.stream.uncork();
    held = undefined;
  };
  redis.sendCommand = (...sent) => {
    const { stream } = redis as { stream?: Socket }; // ioredis declares one that is always there
    if (held === undefined && stream?.writable) {
      held = { stream, count: 0 };
      stream.cork();
      process.nextTick(flush); // it runs once all promises have
    }
    const reply = send(...sent);
    if (held !== undefined && ++held.count === MOST_TOGETHER) flush();
    return reply;
  };
}

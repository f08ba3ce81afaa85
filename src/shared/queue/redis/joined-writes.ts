import type { Socket } from 'node:net';
import type { Redis } from 'ioredis';

/**
 * Sends commands together that are sent in one turn of the event loop, with the promises that follow from it. ioredis makes a
 * system call for each command, and Redis one for each that comes alone. The tasks of a pool often end together: one
 * reply of Redis tells of several. Does nothing for a Cluster, whose connections are its own.
 */
export function joinWrites(redis: Redis): void {
  const send = redis.sendCommand.bind(redis);
  redis.sendCommand = (...sent) => {
    const { stream } = redis as { stream?: Socket }; // ioredis declares one that is always there
    if (stream?.writable && stream.writableCorked === 0) {
      stream.cork();
      process.nextTick(uncork, stream); // it runs once all promises have
    }
    return send(...sent);
  };
}

function uncork(stream: Socket): void {
  stream.uncork();
}

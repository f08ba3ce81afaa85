import { createServer } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMainThread } from 'node:worker_threads';

/*
 * For `node --import`: measures, in a service under test, for how long its event loop was held. Each tick notes how much
 * CPU time the main thread has used since the last one. Time on the clock would count the neighbours' load too.
 * `startMonitored` reads the measurements over HTTP.
 */

const TICK_MS = 5;

export interface LoopReading {
  /** The most CPU time, in milliseconds, that the main thread used between two ticks since the last reading. */
  readonly heldMs: number;
  readonly residentBytes: number;
  /** What is alive after a collection; only where it was asked for, at `/alive`. */
  readonly aliveBytes: number;
}

function aliveBytes(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function monitor(port: number): void {
  let [last, heldMs] = [cpuMs(), 0];
  setInterval(() => {
    const now = cpuMs();
    heldMs = Math.max(heldMs, now - last);
    last = now;
  }, TICK_MS).unref();
  const server = createServer(({ url }, response) => {
    const alive = url === '/alive' ? aliveBytes() : 0;
    const reading: LoopReading = { heldMs, residentBytes: process.memoryUsage.rss(), aliveBytes: alive };
    [heldMs, last] = [0, cpuMs()]; // the collection's time is our own
    response.end(JSON.stringify(reading));
  });
  server.listen(port, '127.0.0.1').unref();
}

if (isMainThread && process.env.LOOP_MONITOR_PORT !== undefined)
  monitor(Number(process.env.LOOP_MONITOR_PORT));

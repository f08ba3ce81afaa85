import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scope } from './scope.ts';

/** A TCP proxy, as the address of a Redis that fails over, or as a network that drops packets. */
export interface TcpProxy {
  readonly port: number;
  /** New connections go there; those that are open stay where they are. */
  pointTo(port: number): void;
  /** Bytes of the open connections vanish from now on, without an end or an error. New ones pass. */
  swallow(): void;
  /** Replies on the open connections vanish from now on; what clients send still passes. */
  mute(): void;
  /** Resets the open connections. */
  cut(): void;
  /** What arrives from now on is passed on so much later. */
  delay(ms: number): void;
  /** How many connections were made. */
  readonly accepted: number;
}

export async function startProxy(scope: Scope, firstTarget: number): Promise<TcpProxy> {
  let target = firstTarget;
  let accepted = 0;
  let delayMs = 0;
  const open = new Set<Socket>();
  const pipes = new Set<() => void>();
  const mutes = new Set<() => void>();
  const server = createServer((client) => {
    accepted++;
    const upstream = connect(target, '127.0.0.1');
    let isSwallowing = false;
    let isMuted = false;
    const swallow = () => {
      isSwallowing = true;
    };
    pipes.add(swallow);
    mutes.add(() => {
      isMuted = true;
    });
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(from);
      const isDropped = () => isSwallowing || to.destroyed || (isMuted && from === upstream);
      const pass = (data: Buffer) => isDropped() || to.write(data);
      let [late, last] = [0, Promise.resolve()];
      from.on('data', (data: Buffer) => {
        if (delayMs === 0 && late === 0) return void pass(data);
        late++;
        const dueMs = performance.now() + delayMs;
        last = last.then(async () => {
          // in order, also when the delay has ended meanwhile
          await sleep(Math.max(0, dueMs - performance.now()));
          late--;
          pass(data);
        });
      });
      from.on('error', () => undefined);
      from.on('close', (hasFailed) => {
        open.delete(from);
        if (isSwallowing) return;
        if (hasFailed) to.destroy();
        else last.then(() => to.end()); // after what is still on its way
      });
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  scope.after(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  return {
    port: (server.address() as { port: number }).port, // a TCP server has one
    pointTo: (port) => {
      target = port;
    },
    swallow: () => {
      for (const swallow of pipes) swallow();
      pipes.clear();
    },
    mute: () => {
      for (const mute of mutes) mute();
      mutes.clear();
    },
    cut: () => {
      for (const socket of open) socket.resetAndDestroy();
    },
    delay: (ms) => {
      delayMs = ms;
    },
    get accepted() {
      return accepted;
    },
  };
}

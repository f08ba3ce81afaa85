import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { Scope } from './scope.ts';

/** A TCP proxy, as the address of a Redis that fails over, or as a network that drops packets. */
export interface TcpProxy {
  readonly port: number;
  /** New connections go there; those that are open stay where they are. */
  pointTo(port: number): void;
  /** Bytes of the open connections vanish from now on, without an end or an error. New ones pass. */
  swallow(): void;
  /** How many connections were made. */
  readonly accepted: number;
}

export async function startProxy(scope: Scope, firstTarget: number): Promise<TcpProxy> {
  let target = firstTarget;
  let accepted = 0;
  const open = new Set<Socket>();
  const pipes = new Set<() => void>();
  const server = createServer((client) => {
    accepted++;
    const upstream = connect(target, '127.0.0.1');
    let isSwallowing = false;
    const swallow = () => {
      isSwallowing = true;
    };
    pipes.add(swallow);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(from);
      from.on('data', (data) => isSwallowing || to.write(data));
      from.on('error', () => undefined);
      from.on('close', () => {
        open.delete(from);
        if (!isSwallowing) to.destroy();
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
    get accepted() {
      return accepted;
    },
  };
}

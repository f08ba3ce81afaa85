import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { Scope } from '../scope.ts';

/** A proxy to Redis that can keep the replies to BullMQ's connections back, and passes those of the health check. */
export interface WedgingProxy {
  readonly port: number;
  wedge(): void;
  /** Cuts the connections that miss replies: later replies would answer earlier commands. */
  release(): void;
}

/** What the connection of the health check sends: the key that it writes. */
const HEALTH_CHECK = /:check\r\n/;

export async function startWedgingProxy(scope: Scope, target: number): Promise<WedgingProxy> {
  const open = new Set<Socket>();
  const missing = new Set<Socket>();
  let isWedged = false;
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    let isChecking = false;
    client.on('data', (data) => {
      isChecking ||= HEALTH_CHECK.test(String(data));
      upstream.write(data);
    });
    upstream.on('data', (data) => {
      if (isWedged && !isChecking) missing.add(client);
      else client.write(data);
    });
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(from);
      from.on('error', () => undefined);
      from.on('close', () => {
        open.delete(from);
        to.destroy();
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
    wedge: () => {
      isWedged = true;
    },
    release: () => {
      isWedged = false;
      for (const socket of missing) socket.destroy();
      missing.clear();
    },
  };
}

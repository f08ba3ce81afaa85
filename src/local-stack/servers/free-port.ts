import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { START_COMMAND } from '../../shared/package.ts';
import { portTaken } from '../command-line/errors.ts';

/** Returns a host for a URL that reaches a server listening on `host`. */
export function reachableHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

/** Returns `port` when it is free; any free port for 0. Throws ASDLC_PORT_TAKEN, which names the variable to set. */
export async function requirePort(host: string, port: number, variable: string): Promise<number> {
  if (port === 0) return freePort(host);
  const problem = await portProblem(host, port);
  if (problem === undefined) return port;
  throw portTaken(
    `${variable}: ${problem}. To choose another port: ${variable}=${port + 10} ${START_COMMAND}`,
  );
}

/** Returns `usual` when it is free and not in `avoid`; else, and for 0, any free port that is not in `avoid`. */
export async function choosePort(host: string, usual: number, avoid: readonly number[]): Promise<number> {
  if (usual !== 0 && !avoid.includes(usual) && (await portProblem(host, usual)) === undefined) return usual;
  for (;;) {
    const port = await freePort(host);
    if (!avoid.includes(port)) return port;
  }
}

/** Returns why nothing can listen there; undefined when the port is free. */
async function portProblem(host: string, port: number): Promise<string | undefined> {
  // macOS lets a program listen on 127.0.0.1 although another program has the port on all addresses.
  if (await acceptsConnections(host, port)) return `another program uses port ${port} on ${host}`;
  try {
    await listenOnce(host, port);
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException; // what net throws
    if (code === 'EADDRINUSE') return `another program uses port ${port} on ${host}`;
    if (code === 'EACCES') return `this user may not use port ${port} on ${host} (EACCES)`;
    return `cannot listen on port ${port} of ${host} (${code})`;
  }
}

async function acceptsConnections(host: string, port: number): Promise<boolean> {
  const socket = connect({ host: reachableHost(host).replaceAll(/[[\]]/g, ''), port, timeout: 500 });
  try {
    const connected = once(socket, 'connect').then(() => true);
    return (await Promise.race([connected, once(socket, 'timeout')])) === true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/**
 * Below the range from which systems take the ports of outgoing connections: such a connection would take the port
 * before the server listens there.
 */
const FREE_PORTS = { from: 20_000, to: 32_767 };

/** Returns any port on which nothing listens. */
export async function freePort(host: string): Promise<number> {
  for (;;) {
    const port = randomInt(FREE_PORTS.from, FREE_PORTS.to + 1);
    if (await acceptsConnections(host, port)) continue;
    try {
      return await listenOnce(host, port);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error; // what net throws
    }
  }
}

async function listenOnce(host: string, port: number): Promise<number> {
  const server = createServer();
  server.listen({ host, port, exclusive: true });
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('expected a port; got a pipe');
  return address.port;
}

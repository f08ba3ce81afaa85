import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { portTaken } from './errors.ts';

/** An address that reaches a server listening on `host`, fit for a URL. */
export function reachableHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

/**
 * The port when it is free, any free one for 0. Throws ASDLC_PORT_TAKEN, naming the variable that sets it.
 */
export async function requirePort(host: string, port: number, variable: string): Promise<number> {
  if (port === 0) return freePort(host);
  const problem = await portProblem(host, port);
  if (problem === undefined) return port;
  throw portTaken(
    `${variable}: port ${port} on ${host} ${problem}. Free it, or choose another: ${variable}=${port + 10} npm start`,
  );
}

/** The usual port when it is free and not to be avoided, else any free one. */
export async function choosePort(host: string, usual: number, avoid: readonly number[]): Promise<number> {
  if (!avoid.includes(usual) && (await portProblem(host, usual)) === undefined) return usual;
  for (;;) {
    const port = await freePort(host);
    if (!avoid.includes(port)) return port;
  }
}

async function portProblem(host: string, port: number): Promise<string | undefined> {
  // On macOS one can listen on 127.0.0.1 where another program has the port on all addresses.
  if (await someoneAnswers(host, port)) return 'is taken by another program';
  try {
    await listenOnce(host, port);
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException; // what net gives
    if (code === 'EADDRINUSE') return 'is taken by another program';
    if (code === 'EACCES') return 'may not be used by this user (EACCES)';
    return `cannot be listened on (${code})`;
  }
}

async function someoneAnswers(host: string, port: number): Promise<boolean> {
  const socket = connect({ host: reachableHost(host).replaceAll(/[[\]]/g, ''), port, timeout: 500 });
  try {
    const answer = Promise.race([once(socket, 'connect').then(() => true), once(socket, 'timeout')]);
    return (await answer) === true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

function freePort(host: string): Promise<number> {
  return listenOnce(host, 0);
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

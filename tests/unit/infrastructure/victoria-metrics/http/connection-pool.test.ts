import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { createServer as createTlsServer, getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { ResponseListener } from '../../../../../src/infrastructure/victoria-metrics/http/connection.ts';
import { ConnectionPool } from '../../../../../src/infrastructure/victoria-metrics/http/connection-pool.ts';
import { CERTIFICATE, PRIVATE_KEY } from '../../../../support/certificate.ts';
import { until } from '../../../../support/until.ts';

interface Arrival {
  /** The path of the request. */
  readonly path: string;
  /** The connection on which it came. */
  readonly socket: Socket;
}

/** Starts a server that notes requests, and a pool of connections to it. The test answers. */
async function start(t: TestContext, size: number) {
  const arrivals: Arrival[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      const [, path] = /^GET (\S+) HTTP\/1\.1\r\n/.exec(bytes.toString()) ?? [];
      if (path !== undefined) arrivals.push({ path, socket });
    });
  }).listen(0, 'localhost');
  await once(server, 'listening');
  const { port } = server.address() as { port: number }; // a TCP server has one
  const pool = new ConnectionPool(new URL(`http://localhost:${port}`), size);
  t.after(() => {
    pool.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const arrived = (count: number) =>
    until(`${count} requests are there`, () => arrivals.length >= count && arrivals);
  /** Asks, answers what arrived as the nth request, and returns the body that came. */
  const serve = async (nth: number, text = 'ok', headers = '', asked = ask(pool)) => {
    await arrived(nth);
    answer(arrivals[nth - 1], text, headers);
    return asked.body;
  };
  return { arrivals, arrived, pool, serve, server, sockets };
}

/** A request, and what came of it. */
function ask(pool: ConnectionPool, path = '/', pausesAt: 'first data' | 'data' | 'never' = 'never') {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const chunks: Buffer[] = [];
  let calls = 0;
  const listener: ResponseListener = {
    head: () => void calls++,
    data: (bytes) => {
      calls++;
      chunks.push(bytes);
      if (pausesAt === 'data' || (pausesAt === 'first data' && chunks.length === 1)) exchange.pause();
    },
    end: () => {
      calls++;
      resolve(Buffer.concat(chunks).toString());
    },
    fail: (error) => {
      calls++;
      reject(error);
    },
  };
  const exchange = pool.send(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`, listener);
  promise.catch(() => undefined); // those that the test does not look at
  return { body: promise, exchange, calls: () => calls, bytes: () => Buffer.concat(chunks).length };
}

const answer = (arrival: Arrival | undefined, body = 'ok', headers = '') =>
  arrival?.socket.write(`HTTP/1.1 200 OK\r\n${headers}content-length: ${body.length}\r\n\r\n${body}`);

describe('ConnectionPool', () => {
  it('sends one request after the other on the same connection', async (t) => {
    const { arrivals, serve } = await start(t, 1);
    for (let i = 0; i < 3; i++) assert.equal(await serve(i + 1, `${i}`), `${i}`);
    assert.equal(new Set(arrivals.map(({ socket }) => socket)).size, 1);
  });

  it('lets requests wait while all connections are busy, in their order', async (t) => {
    const { arrived, arrivals, pool } = await start(t, 2);
    const asked = ['/a', '/b', '/c', '/d'].map((path) => ask(pool, path));
    await arrived(2);
    answer(arrivals[0]);
    await arrived(3);
    answer(arrivals[1]);
    await arrived(4);
    assert.deepEqual(arrivals.map(({ path }) => path).slice(2), ['/c', '/d']);
    answer(arrivals[2]);
    answer(arrivals[3]);
    await Promise.all(asked.map(({ body }) => body));
    assert.equal(new Set(arrivals.map(({ socket }) => socket)).size, 2);
  });

  it('closes the connection of an aborted request, and never calls its listener', async (t) => {
    const { arrived, arrivals, pool } = await start(t, 1);
    const [aborted, unsent, next] = [ask(pool, '/aborted'), ask(pool, '/unsent'), ask(pool, '/next')];
    await arrived(1);
    unsent.exchange.abort();
    aborted.exchange.abort();
    await arrived(2);
    assert.equal(arrivals[1]?.path, '/next');
    answer(arrivals[1]);
    assert.equal(await next.body, 'ok');
    assert.deepEqual([aborted.calls(), unsent.calls()], [0, 0]);
  });

  it('does nothing to the next request when one that is over is aborted, paused or resumed', async (t) => {
    const { pool, serve } = await start(t, 1);
    const first = ask(pool);
    await serve(1, 'ok', '', first);
    const second = ask(pool);
    first.exchange.pause();
    first.exchange.abort();
    first.exchange.resume();
    assert.equal(await serve(2, 'second', '', second), 'second');
  });

  it('sends no more of a response while it is paused', async (t) => {
    const { arrived, arrivals, pool } = await start(t, 1);
    const paused = ask(pool, '/', 'first data');
    await arrived(1);
    const large = 'x'.repeat(32 * 1024 * 1024);
    answer(arrivals[0], large);
    await until('some of it is there', () => paused.bytes() > 0);
    assert.ok(paused.bytes() <= 64 * 1024 && (arrivals[0]?.socket.writableLength ?? 0) > 0);
    paused.exchange.resume();
    assert.equal((await paused.body).length, large.length);
  });

  it('uses a connection again whose response was paused at its end', async (t) => {
    const { arrivals, pool, serve } = await start(t, 1);
    for (let i = 0; i < 3; i++) assert.equal(await serve(i + 1, 'ok', '', ask(pool, '/', 'data')), 'ok');
    assert.equal(new Set(arrivals.map(({ socket }) => socket)).size, 1);
  });

  it('uses a connection again whose response was aborted at its end', async (t) => {
    const { arrived, arrivals, pool } = await start(t, 1);
    for (let i = 0; i < 3; i++) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const nothing = () => undefined;
      const exchange = pool.send('GET / HTTP/1.1\r\n\r\n', {
        head: nothing,
        data: nothing,
        end: () => {
          exchange.abort();
          resolve();
        },
        fail: nothing,
      });
      await arrived(i + 1);
      answer(arrivals[i]);
      await promise;
    }
    assert.equal(new Set(arrivals.map(({ socket }) => socket)).size, 1);
  });

  it('sees the end of a connection whose response was paused at its end', async (t) => {
    const { arrivals, pool, serve, sockets } = await start(t, 1);
    await serve(1, 'ok', '', ask(pool, '/', 'data'));
    arrivals[0]?.socket.end();
    await until('the client has closed too', () => sockets.size === 0);
  });

  it('connects anew where the server closed an idle connection, or said that it will', async (t) => {
    const { arrivals, serve, sockets } = await start(t, 1);
    await serve(1);
    arrivals[0]?.socket.end();
    await until('the client has closed too', () => sockets.size === 0);
    await serve(2, 'ok', 'connection: close\r\n');
    await serve(3);
    assert.equal(new Set(arrivals.map(({ socket }) => socket)).size, 3);
  });

  it('closes a connection on which something comes that nobody asked for', async (t) => {
    const { arrivals, serve, sockets } = await start(t, 1);
    await serve(1);
    answer(arrivals[0], 'a second one');
    await until('it is closed', () => sockets.size === 0);
    assert.equal(await serve(2), 'ok');
  });

  it('fails a request whose response breaks off or is none, and serves the next', async (t) => {
    const { arrived, arrivals, pool, serve } = await start(t, 1);
    const broken = [
      (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf'),
      (socket: Socket) => socket.end(),
      (socket: Socket) => socket.resetAndDestroy(),
      (socket: Socket) => socket.write('SSH-2.0\r\n\r\n'),
    ];
    for (const [i, breakOff] of broken.entries()) {
      const { body } = ask(pool);
      await arrived(i + 1);
      breakOff(arrivals[i]?.socket as Socket); // it arrived
      await assert.rejects(body);
    }
    assert.equal(await serve(broken.length + 1), 'ok');
  });

  it('fails all requests when it is closed, and those that come later', async (t) => {
    const { arrived, pool, sockets } = await start(t, 1);
    const asked = [ask(pool), ask(pool)];
    await arrived(1);
    pool.close();
    for (const { body } of [...asked, ask(pool)]) await assert.rejects(body, /closed/);
    await until('no connection is left', () => sockets.size === 0);
  });

  it('fails requests that no server takes, each with its own connection', async (t) => {
    const { pool, server } = await start(t, 1);
    server.close();
    await once(server, 'close');
    const asked = [ask(pool), ask(pool), ask(pool)];
    for (const { body } of asked) await assert.rejects(body, { code: 'ECONNREFUSED' });
  });

  it('speaks TLS, to servers with a certificate that the process trusts', async (t) => {
    const server = createTlsServer({ cert: CERTIFICATE, key: PRIVATE_KEY }, (socket) => {
      socket.on('data', () => answer({ path: '/', socket }));
    }).listen(0, 'localhost');
    await once(server, 'listening');
    const { port } = server.address() as { port: number }; // a TCP server has one
    const pool = new ConnectionPool(new URL(`https://localhost:${port}`), 1);
    t.after(() => {
      pool.close();
      server.close();
    });
    await assert.rejects(ask(pool).body, { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    const trusted = getCACertificates('default');
    setDefaultCACertificates([...trusted, CERTIFICATE]);
    t.after(() => setDefaultCACertificates(trusted));
    for (let i = 0; i < 3; i++) assert.equal(await ask(pool).body, 'ok');
  });
});

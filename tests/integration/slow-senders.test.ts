import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { pino } from 'pino';
import { createHttpServer } from '../../src/shared/service/http-server.ts';
import { startOrchestrator, startRedis } from '../support/processes.ts';

describe('slow senders', () => {
  it('get 408 and are closed: within 5 s while they send headers, within 10 s while they send a body', async (t) => {
    const redis = await startRedis(t);
    const { port } = await startOrchestrator(t, { REDIS_URL: redis.url });
    const closed: string[] = [];
    const outcome = async (what: string, text: string) => {
      const startedAt = performance.now();
      const socket = connect(port, '127.0.0.1');
      let received = '';
      socket.on('data', (chunk) => (received += chunk));
      socket.write(text);
      await once(socket, 'close');
      closed.push(what);
      return { received, seconds: (performance.now() - startedAt) / 1000 };
    };
    const [headers, body] = await Promise.all([
      outcome('headers', 'GET /health HTTP/1.1\r\nHost: a\r\nX-'),
      outcome(
        'body',
        'POST /api/tasks HTTP/1.1\r\nHost: a\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{',
      ),
    ]);
    assert.deepEqual(closed, ['headers', 'body']);
    for (const { received, seconds } of [headers, body]) {
      assert.match(received, /^HTTP\/1\.1 408 /);
      assert.match(received, /"code":"ASDLC_REQUEST_TIMEOUT"/);
      assert.ok(seconds < 50, `${seconds} s`); // Node's own limits are 60 s and 300 s
    }
  });
});

describe('a client that does not read', () => {
  it('is closed 30 s after the end of its answer, whatever of it is left: also at the end of a stream', async (t) => {
    const app = createHttpServer(pino({ level: 'silent' }));
    t.after(() => app.close());
    const large = 'x'.repeat(32 * 1024 * 1024);
    app.get('/large', async () => large);
    app.get('/stream', (_, reply) => {
      reply.hijack();
      reply.raw.writeHead(200);
      reply.raw.write(large);
      setTimeout(() => reply.raw.end(), 100);
    });
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.server.address() as AddressInfo;
    await Promise.all(
      ['/large', '/stream'].map(async (path) => {
        const connected = once(app.server, 'connection');
        const client = connect(port, '127.0.0.1');
        t.after(() => client.destroy());
        client.pause();
        client.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
        const [served] = (await connected) as [Socket];
        await once(served, 'close');
      }),
    );
  });
});

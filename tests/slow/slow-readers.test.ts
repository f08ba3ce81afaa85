import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { pino } from 'pino';
import { createHttpServer } from '../../src/shared/service/http-server.ts';

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
      setImmediate(() => reply.raw.end());
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

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { startOrchestrator, startRedis } from '../support/processes.ts';

describe('slow senders', () => {
  it('get 408 and are closed: within 5 s while they send headers, within 10 s while they send a body', async (t) => {
    const redis = await startRedis(t);
    const { port } = await startOrchestrator(t, { REDIS_URL: redis.url });
    const outcome = async (text: string) => {
      const startedAt = performance.now();
      const socket = connect(port, '127.0.0.1');
      let received = '';
      socket.on('data', (chunk) => (received += chunk));
      socket.write(text);
      await once(socket, 'close');
      return { received, seconds: (performance.now() - startedAt) / 1000 };
    };
    const [headers, body] = await Promise.all([
      outcome('GET /health HTTP/1.1\r\nHost: a\r\nX-'),
      outcome(
        'POST /api/tasks HTTP/1.1\r\nHost: a\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{',
      ),
    ]);
    for (const { received } of [headers, body]) {
      assert.match(received, /^HTTP\/1\.1 408 /);
      assert.match(received, /"code":"ASDLC_REQUEST_TIMEOUT"/);
    }
    assert.ok(headers.seconds < 5 && body.seconds < 10, `${headers.seconds} s and ${body.seconds} s`);
  });
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
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

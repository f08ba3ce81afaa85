import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import Fastify from 'fastify';
import { bodyBudgetBytes, boundBodies } from '../../../../src/shared/service/body-budget.ts';

describe('boundBodies', () => {
  it('answers 503 past its bound, lets one alone in, and forgets a body with its answer', async (t) => {
    const app = Fastify();
    boundBodies(app, 1_000);
    app.post('/', async () => 'done');
    await app.listen({ port: 0, host: '127.0.0.1' });
    t.after(() => app.close());
    const { port } = app.server.address() as AddressInfo;
    const begin = (bytes: number) => {
      const sent = request({
        port,
        method: 'POST',
        headers: { 'content-type': 'text/plain', 'content-length': bytes },
      });
      const status = once(sent, 'response').then(([response]) => {
        response.resume();
        return response.statusCode as number;
      });
      return { sent, status, end: () => sent.end('x'.repeat(bytes)) };
    };
    const large = begin(5_000);
    const arrived = once(app.server, 'request');
    large.sent.write('x');
    await arrived;
    const second = begin(10);
    second.end();
    assert.equal(await second.status, 503);
    large.sent.end('x'.repeat(4_999));
    assert.equal(await large.status, 200);
    const [first, third] = [begin(400), begin(500)];
    first.end();
    third.end();
    assert.deepEqual(await Promise.all([first.status, third.status]), [200, 200]);
  });

  it('is an eighth of the heap, from 16 to 64 MiB', () => {
    const MIB = 1024 * 1024;
    assert.deepEqual(
      [64, 256, 4_096].map((heap) => bodyBudgetBytes(heap * MIB) / MIB),
      [16, 32, 64],
    );
  });
});

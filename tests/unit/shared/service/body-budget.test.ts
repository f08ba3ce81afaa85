import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import Fastify from 'fastify';
import { bodyBudgetBytes, boundBodies } from '../../../../src/shared/service/body-budget.ts';

const KIB = 1024;

describe('boundBodies', () => {
  /** Starts a server, and returns a function that begins to send a body of so many bytes. */
  async function serve(t: TestContext, budgetBytes: number) {
    const app = Fastify();
    boundBodies(app, budgetBytes);
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
      const sendFirst = async () => {
        const arrived = once(app.server, 'request');
        sent.write('x');
        await arrived;
      };
      return { status, sendFirst, sendRest: () => sent.end('x'.repeat(bytes - 1)) };
    };
    const send = async (bytes: number) => {
      const { status, sendFirst, sendRest } = begin(bytes);
      await sendFirst();
      sendRest();
      return status;
    };
    return { begin, send };
  }

  it('answers 503 past its bound, lets one alone in, and forgets a body with its answer', async (t) => {
    const { begin, send } = await serve(t, 200 * KIB);
    const large = begin(900 * KIB);
    await large.sendFirst();
    assert.equal(await send(70 * KIB), 503);
    large.sendRest();
    assert.equal(await large.status, 200);
    assert.deepEqual(await Promise.all([send(90 * KIB), send(100 * KIB)]), [200, 200]);
  });

  it('lets small bodies in beside large ones, up to a bound of their own', async (t) => {
    const { begin, send } = await serve(t, 200 * KIB);
    const large = begin(900 * KIB);
    await large.sendFirst();
    assert.equal(await send(50 * KIB), 200);
    const small = begin(40 * KIB);
    await small.sendFirst();
    assert.deepEqual([await send(20 * KIB), await send(5 * KIB)], [503, 200]);
    for (const { sendRest } of [large, small]) sendRest();
    assert.deepEqual(await Promise.all([large.status, small.status]), [200, 200]);
  });

  it('is an eighth of the heap, from 16 to 64 MiB', () => {
    const MIB = 1024 * 1024;
    assert.deepEqual(
      [64, 256, 4_096].map((heap) => bodyBudgetBytes(heap * MIB) / MIB),
      [16, 32, 64],
    );
  });
});

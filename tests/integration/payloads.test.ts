import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import fc from 'fast-check';
import { post, request } from '../support/http.ts';
import { startOrchestrator, startRedis } from '../support/processes.ts';
import { suiteScope } from '../support/scope.ts';

describe('a payload', () => {
  const scope = suiteScope();
  let url = '';

  before(async () => {
    const redis = await startRedis(scope);
    url = (await startOrchestrator(scope, { REDIS_URL: redis.url })).url;
  });

  const submit = (payload: string, key: string) =>
    post(`${url}/api/tasks`, `{"event_type":"echo","payload":${payload}}`, { 'idempotency-key': key });

  it('is kept as it was sent, and is the same task under its key, or it is refused with the place', async () => {
    const number = fc.stringMatching(/^-?(0|[1-9][0-9]{0,19})(\.[0-9]{1,19})?([eE][+-]?[0-9]{1,3})?$/);
    const name = fc.constantFrom('a', '__proto__', 'constructor', 'prototype', 'toString', '', 'ü', '\u2028');
    const { json } = fc.letrec((tie) => ({
      json: fc.oneof(
        { maxDepth: 4 },
        number,
        fc.constantFrom(
          'null',
          'true',
          '-0.0',
          '1e400',
          '9007199254740993',
          '{"constructor":{"prototype":1}}',
        ),
        fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
        fc.array(tie('json'), { maxLength: 3 }).map((items) => `[${items.join(' , ')}]`),
        fc
          .uniqueArray(fc.tuple(name, tie('json')), { maxLength: 3, selector: ([key]) => key })
          .map(
            (entries) => `{${entries.map(([key, value]) => `${JSON.stringify(key)}: ${value}`).join(',')}}`,
          ),
      ),
    }));
    let [kept, refused] = [0, 0];
    for (const [i, text] of (fc.sample(json, { numRuns: 300, seed: 20_260_101 }) as string[]).entries()) {
      const first = await submit(text, `payload ${i}`);
      const second = await submit(text, `payload ${i}`);
      assert.equal(second.status, first.status, text);
      if (first.status === 400) {
        refused += 1;
        assert.match(
          first.body.message,
          /^body\.payload[\s\S]*: expected a number that a double holds exactly; got/,
          text,
        );
        continue;
      }
      kept += 1;
      assert.deepEqual([first.status, second.body.id], [202, first.body.id], text);
      const { body } = await request(`${url}/api/tasks/${first.body.id}`);
      assert.equal(JSON.stringify(body.payload), JSON.stringify(JSON.parse(text)), text);
    }
    assert.ok(kept > 50 && refused > 20, `${kept} kept, ${refused} refused`);
  });

  it('is altered in no batch either', async () => {
    const headers = { 'idempotency-key': 'a batch' };
    const batch =
      '{"tasks":[{"event_type":"echo","payload":{"x":-0.0}},{"event_type":"echo","payload":1.50}]}';
    const [first, second] = [
      await post(`${url}/api/tasks/batch`, batch, headers),
      await post(`${url}/api/tasks/batch`, batch, headers),
    ];
    assert.deepEqual([first.status, second.status], [202, 202]);
    assert.deepEqual(second.body, first.body);
    const wrong = await post(`${url}/api/tasks/batch`, batch.replace('1.50', '[1, 12345678901234567]'));
    assert.equal(wrong.status, 400);
    assert.match(wrong.body.message, /^body\.tasks\.1\.payload\.1: expected a number/);
  });

  it('that is refused is refused for a client that still sends', async () => {
    const rest = ','.repeat(15 * 1024 * 1024);
    for (let i = 0; i < 8; i++) {
      const answer = await post(`${url}/api/tasks/batch`, `{"tasks":[${rest}]}`);
      assert.deepEqual([answer.status, answer.body.code], [400, 'ASDLC_INPUT_INVALID']);
    }
  });

  it('must be UTF-8', async () => {
    const body = Buffer.concat([
      Buffer.from('{"event_type":"echo","payload":"'),
      Buffer.from([0xff]),
      Buffer.from('"}'),
    ]);
    const { status, body: answer } = await request(`${url}/api/tasks`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    assert.equal(status, 400);
    assert.match(answer.message, /^body: expected UTF-8/);
  });
});

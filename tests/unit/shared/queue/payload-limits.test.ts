import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { checkPayload } from '../../../../src/shared/queue/payload-limits.ts';

const LIMIT = 1024 * 1024;
const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);

/** Values with the longest JSON of their type. */
const EXTREMES = [-1.2345678901234567e-6, -1.5e-300, '\u001f', '\ud800', false, null, {}, []];

/** Checks that the largest payload of equal parts that fits is accepted, and that one more part is refused. */
function assertLimit(partBytes: number, payloadOf: (count: number) => unknown): void {
  const most = Math.floor((LIMIT - 1) / partBytes); // a comma after each but the last, and two brackets
  assert.equal(Buffer.byteLength(JSON.stringify(payloadOf(most))), most * partBytes + 1);
  checkPayload(payloadOf(most), 'payload');
  assert.throws(() => checkPayload(payloadOf(most + 1), 'payload'), { statusCode: 413 });
}

describe('checkPayload', () => {
  it('accepts 32 levels and refuses 33, of arrays and objects', () => {
    checkPayload(nested(32), 'payload');
    assert.throws(() => checkPayload(nested(33), 'payload'), {
      statusCode: 400,
      message: /payload: expected at most 32/,
    });
    assert.throws(() => checkPayload({ a: nested(32) }, 'payload'), { statusCode: 400 });
  });

  it('accepts 1 MiB of JSON and refuses one byte more', () => {
    checkPayload('x'.repeat(1024 * 1024 - 2), 'payload');
    assert.throws(() => checkPayload('x'.repeat(1024 * 1024 - 1), 'payload'), { statusCode: 413 });
  });

  it('measures the bytes of the JSON, for any value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const bytes = Buffer.byteLength(JSON.stringify(value));
        assertLimit(bytes + 1, (count) => Array(count).fill(value));
        assertLimit(bytes + '"1000000":,'.length, (count) =>
          Object.fromEntries(Array.from({ length: count }, (_, i) => [1_000_000 + i, value])),
        );
      }),
      { numRuns: 10 + EXTREMES.length, examples: EXTREMES.map((value) => [value]) },
    );
  });

  it('counts the names of fields', () => {
    const named = (size: number) => ({ ['\u001f'.repeat(size)]: 0 });
    const size = Math.floor((LIMIT - '{"":0}'.length) / 6);
    checkPayload(named(size), 'payload');
    assert.throws(() => checkPayload(named(size + 1), 'payload'), { statusCode: 413 });
  });

  it('accepts undefined, null and scalars', () => {
    for (const payload of [undefined, null, 0, '', false]) checkPayload(payload, 'payload');
  });
});

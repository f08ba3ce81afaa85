import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { checkPayload } from '../../../src/shared/payload-limits.ts';

const LIMIT = 1024 * 1024;
const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);

describe('checkPayload', () => {
  it('takes 32 levels and refuses 33, of arrays and objects alike', () => {
    checkPayload(nested(32), 'payload');
    assert.throws(() => checkPayload(nested(33), 'payload'), {
      statusCode: 400,
      message: /payload: expected at most 32/,
    });
    assert.throws(() => checkPayload({ a: nested(32) }, 'payload'), { statusCode: 400 });
  });

  it('takes 1 MiB of JSON and refuses a byte more', () => {
    checkPayload('x'.repeat(1024 * 1024 - 2), 'payload');
    assert.throws(() => checkPayload('x'.repeat(1024 * 1024 - 1), 'payload'), { statusCode: 413 });
  });

  it('refuses by the bytes that JSON has, whatever they are made of', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.integer({ min: 0, max: 3 }), (value, short) => {
        const rest = LIMIT - Buffer.byteLength(JSON.stringify(['', value]));
        const fits = (size: number) => ['x'.repeat(size), value];
        checkPayload(fits(rest - short), 'payload');
        assert.throws(() => checkPayload(fits(rest + 1), 'payload'), { statusCode: 413 });
      }),
      { numRuns: 50 },
    );
    // Each of these is six bytes; the longest form of a number is 24.
    const controls = '\u001f'.repeat((LIMIT - 2) / 6);
    checkPayload(controls, 'payload');
    assert.throws(() => checkPayload(`${controls}\u001f`, 'payload'), { statusCode: 413 });
    const number = Number('-1.2345678901234567e-300');
    assert.equal(JSON.stringify(number).length, 24);
    checkPayload(Array(Math.floor((LIMIT - 1) / 25)).fill(number), 'payload');
    assert.throws(() => checkPayload(Array(Math.ceil(LIMIT / 25)).fill(number), 'payload'), {
      statusCode: 413,
    });
  });

  it('takes nothing, null and scalars', () => {
    for (const payload of [undefined, null, 0, '', false]) checkPayload(payload, 'payload');
  });
});

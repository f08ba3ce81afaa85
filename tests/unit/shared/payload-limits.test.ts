import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkPayload } from '../../../src/shared/payload-limits.ts';

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

  it('takes nothing, null and scalars', () => {
    for (const payload of [undefined, null, 0, '', false]) checkPayload(payload, 'payload');
  });
});

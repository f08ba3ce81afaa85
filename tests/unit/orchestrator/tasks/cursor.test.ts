import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { formatCursor, parseCursor } from '../../../../src/orchestrator/tasks/cursor.ts';

const place = fc
  .tuple(fc.nat({ max: Number.MAX_SAFE_INTEGER }), fc.string({ minLength: 1, maxLength: 100 }))
  .map(([order, id]) => ({ order, id }));

describe('cursor', () => {
  it('parses what it formatted', () => {
    fc.assert(
      fc.property(fc.nat({ max: 4 }), fc.option(place, { nil: undefined }), (list, after) => {
        assert.deepEqual(parseCursor(formatCursor({ list, after })), { list, after });
        const until = { list, after, until: 1_764_183_015_123 };
        assert.deepEqual(parseCursor(formatCursor(until)), until);
      }),
    );
  });

  it('refuses any other text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          assert.equal(formatCursor(parseCursor(text)).replaceAll('=', '').length > 0, true);
        } catch (error) {
          assert.equal((error as { code: string }).code, 'ASDLC_INPUT_INVALID');
        }
      }),
    );
    assert.throws(() => parseCursor('MC4tMQ'), { code: 'ASDLC_INPUT_INVALID' });
  });
});

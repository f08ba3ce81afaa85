import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { formatCursor, parseCursor } from '../../../../src/orchestrator/tasks/cursor.ts';

describe('cursor', () => {
  it('parses what it formatted', () => {
    fc.assert(
      fc.property(fc.nat({ max: 99 }), fc.nat({ max: 1e9 }), (list, offset) => {
        assert.deepEqual(parseCursor(formatCursor({ list, offset })), { list, offset });
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

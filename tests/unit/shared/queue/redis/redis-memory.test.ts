import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { memoryIn } from '../../../../../src/shared/queue/redis/redis-memory.ts';

const LINES = ['# Memory', 'used_memory:1048576', 'used_memory_human:1.00M', 'maxmemory:2097152', ''];

describe('memoryIn', () => {
  it('reads what is used, and the limit', () => {
    assert.deepEqual(memoryIn(LINES.join('\r\n')), { usedBytes: 1_048_576, maxBytes: 2_097_152 });
    assert.deepEqual(memoryIn('used_memory:5\nmaxmemory:0\n'), { usedBytes: 5, maxBytes: 0 });
  });

  it('knows nothing unless both numbers are there', () => {
    for (const text of ['', 'NOPERM', 'used_memory:5\n', 'maxmemory:5\n', 'used_memory:x\nmaxmemory:1\n'])
      assert.equal(memoryIn(text), undefined, text);
  });
});

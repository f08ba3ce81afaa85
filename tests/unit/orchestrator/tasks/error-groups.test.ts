import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { groupOfError } from '../../../../src/orchestrator/tasks/error-groups.ts';

describe('groupOfError', () => {
  for (const [message, group] of [
    ['no answer of 10.0.3.7:5432 within 30000 ms', 'no answer of <n> within <n> ms'],
    ['order 6f1c2d0e-93aa-4b1c-8b57-0d6f6ea0c111 not found', 'order <id> not found'],
    ['card tok_1Kf93jdk2 was refused', 'card <id> was refused'],
    ['commit 9f86d081884c7d65 is unknown', 'commit <id> is unknown'],
    ['HTTP 502', 'HTTP <n>'],
    ['  first line \n second', 'first line'],
    ['the well-known invoice-sender failed', 'the well-known invoice-sender failed'],
    ['Straße 12', 'Straße <n>'],
    ['', ''],
  ] as const) {
    it(`makes ${JSON.stringify(group)} of ${JSON.stringify(message)}`, () => {
      assert.equal(groupOfError(message), group);
    });
  }

  it('keeps the beginning of a long message, in a time that does not grow faster than the text', () => {
    const startedAt = process.cpuUsage().user;
    for (const text of ['a1'.repeat(500_000), '1-'.repeat(500_000), '-'.repeat(1_000_000)])
      assert.ok(groupOfError(text).length <= 300);
    assert.ok(process.cpuUsage().user - startedAt < 1_000_000);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type SeenGroup, withGroups } from '../../../../dashboard/src/why/seen-groups.ts';
import type { ErrorGroup } from '../../../../src/shared/http-contract/errors.ts';

const at = (minute: number) => new Date(minute * 60_000).toISOString();
const group = (from: number, to: number, count: number, more: Partial<ErrorGroup> = {}): ErrorGroup => ({
  event_type: 'mail',
  error: 'refused',
  count,
  since: at(from),
  last: at(to),
  example: 'x',
  ...more,
});
const answer = (groups: readonly ErrorGroup[], more: object = {}) => ({
  groups: [...groups],
  left_out: 0,
  looked_at: 10,
  total: 10,
  is_complete: true,
  ...more,
});
const brief = (groups: readonly SeenGroup[]) =>
  groups.map(({ since, last, count, dead }) => [since, last, count, dead]);
const seen = withGroups([], answer([group(1, 5, 100)]), true);

describe('the groups of errors that a tab saw', () => {
  it('keep their count when a retry takes some tasks or all', () => {
    assert.deepEqual(brief(seen), [[at(1), at(5), 100, 100]]);
    const some = withGroups(seen, answer([group(4, 5, 20)]), true);
    assert.deepEqual(brief(some), [[at(1), at(5), 100, 20]]);
    assert.deepEqual(brief(withGroups(some, answer([]), true)), [[at(1), at(5), 100, 0]]);
  });

  it('grow with tasks that die', () => {
    assert.deepEqual(brief(withGroups(seen, answer([group(1, 6, 130)]), true)), [[at(1), at(6), 130, 130]]);
  });

  it('are others for tasks that died after all that were seen, and for other errors', () => {
    const again = withGroups(seen, answer([group(7, 8, 90)]), true);
    assert.deepEqual(brief(again), [
      [at(7), at(8), 90, 90],
      [at(1), at(5), 100, 0],
    ]);
    const other = withGroups(seen, answer([group(1, 5, 3, { error: 'late' })]), true);
    assert.deepEqual(
      other.map(({ error, dead }) => [error, dead]),
      [
        ['late', 3],
        ['refused', 0],
      ],
    );
  });

  it('stay as they were when an answer did not look at all', () => {
    for (const left of [
      withGroups(seen, answer([], { is_complete: false }), true),
      withGroups(seen, answer([], { left_out: 1 }), true),
      withGroups(seen, answer([]), false),
    ])
      assert.deepEqual(brief(left), [[at(1), at(5), 100, 100]]);
  });
});

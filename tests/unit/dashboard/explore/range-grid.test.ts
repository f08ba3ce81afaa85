import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { gridTimes, rangeGrid } from '../../../../dashboard/src/explore/results/range-grid.ts';

test('the step is the smallest readable one that fits', () => {
  const stepOf = (seconds: number, points: number) => rangeGrid({ start: 0, end: seconds }, points).step;
  assert.equal(stepOf(900, 500), 5);
  assert.equal(stepOf(3_600, 500), 10);
  assert.equal(stepOf(21_600, 500), 60);
  assert.equal(stepOf(86_400, 200), 600);
  assert.equal(stepOf(7 * 86_400, 500), 1_800);
  assert.equal(stepOf(366 * 86_400, 100), 4 * 86_400);
});

test('both ends are multiples of the step, and the points fit', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2 ** 31 }),
      fc.integer({ min: 60, max: 366 * 86_400 }),
      fc.integer({ min: 100, max: 1_000 }),
      (start, span, points) => {
        const grid = rangeGrid({ start, end: start + span }, points);
        const times = gridTimes(grid);
        assert.equal(times[0], grid.start);
        assert.equal(times.at(-1), grid.end);
        assert.ok(times.length <= points + 2);
        assert.equal(grid.start % grid.step, 0);
        assert.ok(grid.start <= start && grid.end <= start + span);
      },
    ),
  );
});

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { slopeOf } from '../../faults/soak/slopes.ts';

it('the slope is that of least squares, and 0 for one point', () => {
  const points = [1, 5, 3, 7].map((value, i) => ({ seconds: 10 * i, value }));
  assert.equal(slopeOf(points), 0.16);
  assert.equal(slopeOf(points.slice(0, 1)), 0);
});

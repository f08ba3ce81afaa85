import assert from 'node:assert/strict';
import { it } from 'node:test';
import { rangeForAge } from '../../../../dashboard/src/view/default-range.ts';

it('shows five minutes of data that are younger than that, then a quarter of an hour, then an hour', () => {
  const ages = [-1, 0, 299, 300, 899, 900, 86_400];
  assert.deepEqual(ages.map(rangeForAge), ['5m', '5m', '5m', '15m', '15m', '1h', '1h']);
});

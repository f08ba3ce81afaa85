import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { RecentMap } from '../../../src/shared/recent-map.ts';

const keys = Array.from({ length: 13 }, (_, i) => i);
const key = fc.constantFrom(...keys);
const step = fc.oneof(
  { weight: 4, arbitrary: key.map((k) => ['set', k] as const) },
  key.map((k) => ['delete', k] as const),
);

it('a RecentMap has what was set last, and no more than it may', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(step, { maxLength: 60 }), (size, steps) => {
      const map = new RecentMap<number, number>(size);
      const given = new Map<number, number>(); // what was set, and not deleted
      const order: number[] = []; // of the calls of set
      for (const [i, [name, k]] of steps.entries()) {
        const isThere = map.get(k) !== undefined;
        if (name === 'set') {
          map.set(k, i);
          given.set(k, i);
          order.push(k);
        } else {
          assert.equal(map.delete(k), isThere);
          given.delete(k);
        }
        const found = keys.filter((each) => map.get(each) !== undefined);
        for (const each of found) assert.equal(map.get(each), given.get(each));
        for (const last of order.slice(-size)) assert.equal(found.includes(last), given.has(last));
        assert.ok(found.length <= size);
      }
    }),
  );
});

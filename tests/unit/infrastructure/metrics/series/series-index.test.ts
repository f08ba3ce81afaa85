import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SeriesIndex } from '../../../../../src/infrastructure/metrics/series/series-index.ts';

/** Inserts, removes and looks up at random. A Map with JSON keys does the same, to compare with. */
function checkAgainstMap(labelCount: number, valueCount: number, numRuns: number, length: number): void {
  const names = Array.from({ length: labelCount }, (_, position) => `l${position}`);
  const path = fc.array(fc.integer({ min: 0, max: valueCount - 1 }).map(String), {
    minLength: labelCount,
    maxLength: labelCount,
  });
  const steps = fc.array(fc.tuple(fc.constantFrom('insert', 'insert', 'remove'), path), {
    maxLength: length,
  });
  fc.assert(
    fc.property(steps, (all) => {
      const index = new SeriesIndex(names);
      const model = new Map<string, number>();
      const free: number[] = [];
      let used = 0;
      for (const [kind, values] of all) {
        const key = JSON.stringify(values);
        const slot = model.get(key);
        assert.equal(index.find(values), slot);
        if (kind === 'insert' && slot === undefined) {
          const next = free.pop() ?? used++;
          index.insert(values, next);
          model.set(key, next);
        } else if (kind === 'remove' && slot !== undefined) {
          index.remove(slot);
          model.delete(key);
          free.push(slot);
        }
      }
      for (const [key, slot] of model) {
        const values: string[] = JSON.parse(key);
        assert.equal(index.find(values), slot);
        assert.deepEqual(index.labelValuesOf(slot), values);
        const found = index.findUsual(
          Object.fromEntries(names.map((name, position) => [name, values[position]])),
        );
        assert.ok(found === slot || (found === undefined && valueCount > 32), `${found} for ${slot}`);
      }
    }),
    { numRuns },
  );
}

test('finds each label set, but none after its removal', () => {
  checkAgainstMap(1, 30, 100, 100);
  checkAgainstMap(3, 4, 100, 300);
});

test('tells label sets with the same key apart, when values outnumber the radix', () => {
  const index = new SeriesIndex(Array.from({ length: 10 }, (_, position) => `l${position}`)); // a radix of 32
  const path = (a: number, b: number) => [String(a), String(b), ...Array.from({ length: 8 }, () => 'x')];
  const paths = Array.from({ length: 2_500 }, (_, i) => path(Math.floor(i / 50), i % 50));
  paths.forEach((values, slot) => {
    index.insert(values, slot);
  });
  paths.forEach((values, slot) => {
    assert.equal(index.find(values), slot);
  });
  checkAgainstMap(10, 40, 20, 200);
});

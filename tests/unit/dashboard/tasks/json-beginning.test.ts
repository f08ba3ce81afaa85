import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { jsonBeginning } from '../../../../dashboard/src/tasks/task/json-beginning.ts';

describe('the beginning of a JSON text', () => {
  it('is that of the whole text, for any value and length', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.integer({ min: 1, max: 200 }), (value, limit) => {
        const parsed: unknown = JSON.parse(JSON.stringify(value));
        assert.equal(jsonBeginning(parsed, limit), JSON.stringify(parsed, null, 2).slice(0, limit));
      }),
    );
  });

  it('reads no more of the value than it shows', () => {
    const read: string[] = [];
    const list = Array.from({ length: 10_000 }, (_, i) => i);
    const watched = new Proxy(list, {
      get: (target, name) => {
        read.push(String(name));
        return Reflect.get(target, name);
      },
    });
    assert.equal(jsonBeginning(watched, 12), '[\n  0,\n  1,\n');
    assert.ok(read.length < 10, `${read}`);
  });
});

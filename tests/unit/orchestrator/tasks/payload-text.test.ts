import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { PayloadText } from '../../../../src/orchestrator/tasks/payload-text.ts';

const keep = (payload: unknown) => new PayloadText(payload, 'body.payload');

describe('PayloadText', () => {
  it('is written as its payload, and equals it however its names are ordered', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (payload, other) => {
        const kept = keep(payload);
        assert.equal(JSON.stringify({ kept }), `{"kept":${JSON.stringify(payload)}}`);
        assert.ok(kept.equals(JSON.parse(JSON.stringify(payload))));
        assert.ok(kept.equals(JSON.parse(JSON.stringify(reversed(payload)))));
        assert.equal(
          kept.equals(other),
          JSON.stringify(reversed(payload)) === JSON.stringify(reversed(other)),
        );
      }),
      { numRuns: 1_000 },
    );
    assert.ok(keep(-0).equals(0)); // as Redis keeps it
    for (const other of [undefined, null, 2, '1', [1], { a: 1 }]) assert.ok(!keep(1).equals(other));
    assert.ok(!keep({ a: 1, b: 2 }).equals({ a: 2, b: 1 }));
  });

  it('has at most 1 MiB', () => {
    const most = 1024 * 1024;
    assert.equal(keep('x'.repeat(most - 2)).text.length, most);
    for (const payload of ['x'.repeat(most - 1), 'é'.repeat(most / 2)]) {
      assert.throws(() => keep(payload), {
        statusCode: 413,
        message: /^body\.payload: expected at most 1048576 bytes; got 10\d{5}$/,
      });
    }
  });
});

/** The same value with all names in reverse order. (Names that are indexes have an order of their own.) */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? 1 : -1))
      .map(([name, child]) => [name, reversed(child)]),
  );
}

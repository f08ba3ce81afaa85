import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { JsonScan } from '../../../../src/infrastructure/victoria-metrics/json-scan.ts';

function scanned(...pieces: readonly (string | Buffer)[]): JsonScan {
  const scan = new JsonScan();
  for (const piece of pieces) scan.add(Buffer.from(piece));
  return scan;
}

describe('JsonScan', () => {
  it('knows a whole object from each part of it, wherever it was divided', () => {
    const objects = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 4 }));
    fc.assert(
      fc.property(objects, fc.nat(), fc.boolean(), (value, at, isPadded) => {
        const text = Buffer.from(JSON.stringify(value));
        const cut = at % text.length;
        const [part, rest] = [text.subarray(0, cut), text.subarray(cut)];
        assert.equal(scanned(part).isComplete, false);
        assert.equal(scanned(part, rest, isPadded ? ' \n' : '').isComplete, true);
        assert.equal(scanned(part, rest).isTooMuch, false);
      }),
    );
  });

  it('takes 250,000 points and not 300,000, and no deep nesting', () => {
    const points = (count: number) => `{"data":[${'[1767229200,"1.5"],'.repeat(count)}[]]}`;
    assert.equal(scanned(points(249_000)).isTooMuch, false);
    assert.equal(scanned(points(300_000)).isTooMuch, true);
    assert.equal(scanned('['.repeat(16)).isTooMuch, false);
    assert.equal(scanned('['.repeat(17)).isTooMuch, true);
    assert.equal(scanned('{"a":"', ' '.repeat(8 * 1024 * 1024), '"}').isTooMuch, true);
  });

  it('counts nothing inside of strings', () => {
    const text = JSON.stringify({ a: '[{":'.repeat(100_000), b: '\\"[\\\\' });
    assert.deepEqual([scanned(text).isTooMuch, scanned(text).isComplete], [false, true]);
  });
});

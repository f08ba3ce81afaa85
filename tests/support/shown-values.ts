import assert from 'node:assert/strict';

/** Fails unless the texts are the same, except for a last digit: the TSDB adds series in any order, so rounding differs. */
export function assertSame(shown: readonly string[], expected: readonly string[], message: string): void {
  const parts = (text: string) => /^(-?[\d.]+)(.*)$/s.exec(text)?.slice(1) ?? [];
  const isSame = (text: string, other: string) => {
    const [[a, rest], [b, otherRest]] = [parts(text), parts(other)];
    return rest === otherRest && Math.abs(Number(a) - Number(b)) <= 0.006 * Math.abs(Number(b));
  };
  const close = shown.map((text, i) => {
    const other = expected[i];
    return other !== undefined && isSame(text, other) ? other : text;
  });
  assert.deepEqual(close, expected, message);
}

/** Sorts a flat list of names and values, each name before its value, by name. */
export function byName(entries: readonly string[]): string[] {
  const pairs = entries.flatMap((name, i) => (i % 2 === 0 ? [[name, entries[i + 1] ?? ''] as const] : []));
  return pairs.toSorted(([a], [b]) => (a < b ? -1 : 1)).flat();
}

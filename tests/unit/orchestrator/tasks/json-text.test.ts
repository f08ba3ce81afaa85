import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { JsonText } from '../../../../src/orchestrator/tasks/json-text.ts';

const isSame = (one: string, other: string) => new JsonText(one).equals(new JsonText(other));

describe('JsonText', () => {
  it('equals every other way to write its value, and no other value', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), fc.jsonValue(), async (value, other) => {
        const text = JSON.stringify(value);
        assert.ok(await isSame(text, JSON.stringify(reversed(value), null, 1)));
        assert.ok(await isSame(text, escaped(text)));
        const isOther = JSON.stringify(reversed(value)) !== JSON.stringify(reversed(other));
        assert.equal(await isSame(text, JSON.stringify(other)), !isOther);
      }),
      { numRuns: 1_000 },
    );
    for (const [one, other] of [
      ['1', '1.0e0'],
      ['-0', '0'],
      ['"\\u0061\\/"', '"a/"'],
      ['{"a":[1,{"b":2}]}', ' { "\\u0061" : [ 1.0 , { "b" : 2e0 } ] } '],
    ] as const)
      assert.ok(await isSame(one, other), `${one} ${other}`);
  });

  it('differs where types, places or names do', async () => {
    const texts = [
      ...[
        '1',
        '"1"',
        'true',
        '"true"',
        'null',
        '""',
        '[]',
        '{}',
        '[[]]',
        '[{}]',
        '{"":{}}',
        '[[],[]]',
        '[null]',
      ],
      ...[
        '[1]',
        '{"0":1}',
        '[1,2]',
        '[2,1]',
        '[[1],2]',
        '[[1,2]]',
        '[1,[2]]',
        '{"a":1,"b":2}',
        '{"a":2,"b":1}',
      ],
      ...[
        '{"a":{"b":2}}',
        '{"a":{},"b":2}',
        '{"b":{"a":2}}',
        '{"ab":2}',
        '{"a":["b",2]}',
        '"ab"',
        '["a","b"]',
      ],
    ];
    for (const one of texts)
      for (const other of texts) assert.equal(await isSame(one, other), one === other, `${one} ${other}`);
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

/** The same JSON with some letters of its strings written as escapes. */
function escaped(text: string): string {
  const asEscape = (letter: string) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return text.replaceAll(/"(?:[^"\\]|\\.)*"/g, (string) => string.replaceAll(/(?<!\\)[g-z]/g, asEscape));
}

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decodeUtf8, readJson } from '../../../../src/orchestrator/tasks/json-reader.ts';

/** Reads the text to its end, and returns the number of steps. */
const read = (text: string, maxLevels = 32) =>
  [...readJson(text, { place: 'body', maxLevels, isExact: true })].length;

describe('readJson', () => {
  it('takes every value that JSON.stringify writes, however it is spaced', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 1, '\t', '\r\n'), (value, space) => {
        assert.equal(read(JSON.stringify(value, null, space)), 0);
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes a text exactly where JSON.parse does', () => {
    const tokens = [
      ...[
        '{',
        '}',
        '[',
        ']',
        ',',
        ':',
        ' ',
        '\n',
        '\v',
        '\u00a0',
        '"a"',
        '"',
        '\\',
        '\\"',
        '\\u12',
        '"\t"',
        '"\\q"',
      ],
      ...[
        '0',
        '-',
        '1',
        '01',
        '1.',
        '.5',
        '1.5',
        '1e',
        '1e+',
        '1E-3',
        '-0',
        '+1',
        'true',
        'nul',
        'null',
        'false1',
      ],
      ...['"\\u00e9"', '"\\u00G9"', '"\\/"', '{}', '[]', '{"a":1}', '[1]'],
    ];
    const token = fc.constantFrom(...tokens);
    const broken = fc.tuple(fc.jsonValue(), fc.nat(), token).map(([value, place, piece]) => {
      const text = JSON.stringify(value);
      const at = place % (text.length + 1);
      return text.slice(0, at) + piece + text.slice(at + (place % 3));
    });
    const soup = fc.array(token, { maxLength: 8 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(fc.oneof(broken, soup), (text) => {
        const isRead = succeeds(() => [...readJson(text, { place: 'body' })]);
        const isParsed = succeeds(() => JSON.parse(text));
        assert.equal(isRead, isParsed, text);
      }),
      { numRuns: 10_000 },
    );
  });

  it('takes numbers that are written in another way, and signs of zero', () => {
    for (const text of [
      ...['1.50', '1e3', '0.1e-2', '100000000000000000000', '9007199254740992', '5e-324'],
      ...['1.7976931348623157E+308', '0.000', '-0.0', '0e999999999999'],
    ]) {
      assert.equal(read(text), 0, text);
    }
  });

  it('refuses numbers that a double does not hold, with their place', () => {
    for (const [text, message] of [
      ['9007199254740993', /^body: expected a number .* got 9007199254740993\. Send it as a string\.$/],
      ['{"a":[1,{"b,":[true,1e400]}]}', /^body\.a\.1\.b,\.1: .* got 1e400\./],
      ['{"x":"9007199254740993","y\\"":-0.1000000000000000055}', /^body\.y": /],
      ['[[1,2],[3,1e-400]]', /^body\.1\.1: /],
      ['{"a":{"b":1},"c":12345678901234567}', /^body\.c: /],
    ] as const) {
      assert.throws(() => read(text), { code: 'ASDLC_INPUT_INVALID', message }, text);
    }
  });

  it('refuses a text with an altered number exactly where JSON.parse alters one', () => {
    const digits = fc.stringMatching(/^-?(0|[1-9][0-9]{0,24})(\.[0-9]{1,24})?([eE][+-]?[0-9]{1,3})?$/);
    fc.assert(
      fc.property(digits, (number) => {
        const isExact = decimal(number) === decimal(String(JSON.parse(number)));
        const isRead = succeeds(() => read(number));
        assert.equal(isRead, isExact);
      }),
      { numRuns: 5_000 },
    );
  });

  it('counts the levels within the outermost, before it reads the rest', () => {
    const nested = (levels: number) => `${'[{"a":'.repeat(levels / 2)}"]}"${'}]'.repeat(levels / 2)}`;
    read('[]', 0);
    read(nested(4), 3);
    for (const text of [nested(6), '[[[[[no JSON', '{"a":1,"b":[[[[1']) {
      assert.throws(() => read(text, 3), {
        message: /^body: expected at most 3 levels within it; got more/,
      });
    }
  });

  it('reads a long text in steps', () => {
    for (const item of ['0', '1e-300', '{}', '[]', '""', '{"a":1}']) {
      const text = `[${`${item},`.repeat(100_000)}0]`;
      assert.ok(read(text) >= Math.floor(text.length / 17_000), item);
    }
  });

  // One that looks at each digit twice takes minutes for these, which the runner's time limit ends.
  it('reads numbers of a million digits in one pass', () => {
    const zeros = '0'.repeat(1_000_000);
    for (const text of [`1${zeros}1`, `1.${zeros}1`, `-1.${zeros}1${zeros}`, `1${zeros}`, `1e${zeros}9999`])
      assert.throws(() => read(text), { code: 'ASDLC_INPUT_INVALID', message: /^body: expected a number/ });
    for (const text of [
      `1.${zeros}`,
      `0.${zeros}5e1000001`,
      `5${zeros}e-1000000`,
      `1e${zeros}1`,
      `0e${zeros}9`,
    ])
      read(text);
  });

  it('says where a text is not JSON, and refuses what is not UTF-8', () => {
    for (const [text, got] of [
      ['{"a":}', '"}" at position 5'],
      ['', 'the end at position 0'],
      ['"', 'the end at position 1'],
      ['[1e', 'the end at position 3'],
      ['"\n"', '"\\n" at position 1'],
      ['[] x', '"x" at position 3'],
    ] as const) {
      const message = `body: expected JSON; got a text that is not: unexpected ${got}`;
      assert.throws(() => read(text), { code: 'ASDLC_INPUT_INVALID', message }, text);
    }
    assert.throws(() => decodeUtf8(Buffer.from([0x22, 0xff, 0x22]), 'body'), { message: /expected UTF-8/ });
  });
});

function succeeds(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}

/** An independent form: the number as a fraction of big integers, scaled to 10^-400 and more digits than any has. */
function decimal(text: string): string {
  if (/Infinity/.test(text)) return text;
  const [mantissa = '', exponent = '0'] = text.replace(/^-/, '').toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const scale = 1_500 + Number(exponent) - fraction.length;
  return String(BigInt(whole + fraction) * 10n ** BigInt(scale));
}

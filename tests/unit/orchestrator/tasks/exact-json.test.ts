import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decodeUtf8, parseExactJson } from '../../../../src/orchestrator/tasks/exact-json.ts';

const parse = (text: string) => parseExactJson(text, 'body');

describe('parseExactJson', () => {
  it('returns what JSON.parse returns for every value that JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        assert.deepEqual(parse(text), JSON.parse(text));
      }),
      { numRuns: 2_000 },
    );
  });

  it('keeps numbers that are written in another way, and signs of zero', () => {
    for (const [text, value] of [
      ['1.50', 1.5],
      ['1e3', 1_000],
      ['0.1e-2', 0.001],
      ['100000000000000000000', 1e20],
      ['9007199254740992', 2 ** 53],
      ['5e-324', 5e-324],
      ['1.7976931348623157E+308', Number.MAX_VALUE],
      ['0.000', 0],
      ['-0.0', -0],
      ['0e999999999999', 0],
    ] as const) {
      assert.equal(parse(text), value, text);
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
      assert.throws(() => parse(text), { code: 'ASDLC_INPUT_INVALID', message }, text);
    }
  });

  it('refuses a text with an altered number exactly where JSON.parse alters one', () => {
    const digits = fc.stringMatching(/^-?(0|[1-9][0-9]{0,24})(\.[0-9]{1,24})?([eE][+-]?[0-9]{1,3})?$/);
    fc.assert(
      fc.property(digits, (number) => {
        const isExact = decimal(number) === decimal(String(JSON.parse(number)));
        if (isExact) assert.equal(parse(number), JSON.parse(number));
        else assert.throws(() => parse(number), { code: 'ASDLC_INPUT_INVALID' });
      }),
      { numRuns: 5_000 },
    );
  });

  // One that looks at each digit twice takes minutes for these, which the runner's time limit ends.
  it('reads numbers of a million digits in one pass', () => {
    const zeros = '0'.repeat(1_000_000);
    for (const text of [`1${zeros}1`, `1.${zeros}1`, `-1.${zeros}1${zeros}`, `1${zeros}`, `1e${zeros}9999`])
      assert.throws(() => parse(text), { code: 'ASDLC_INPUT_INVALID', message: /^body: expected a number/ });
    for (const [text, value] of [
      [`1.${zeros}`, 1],
      [`0.${zeros}5e1000001`, 5],
      [`5${zeros}e-1000000`, 5],
      [`1e${zeros}1`, 10],
      [`0e${zeros}9`, 0],
    ] as const)
      assert.equal(parse(text), value);
  });

  it('takes names that other parsers fear', () => {
    const value = parse('{"constructor":{"prototype":1},"__proto__":{"a":1}}') as object;
    assert.equal(JSON.stringify(value), '{"constructor":{"prototype":1},"__proto__":{"a":1}}');
    assert.equal(Object.getPrototypeOf(value), Object.prototype);
  });

  it('refuses what is not JSON, or not UTF-8', () => {
    assert.throws(() => parse('{"a":}'), {
      code: 'ASDLC_INPUT_INVALID',
      message: /^body: expected JSON; got/,
    });
    assert.throws(() => decodeUtf8(Buffer.from([0x22, 0xff, 0x22]), 'body'), { message: /expected UTF-8/ });
  });
});

/** An independent form: the number as a fraction of big integers, scaled to 10^-400 and more digits than any has. */
function decimal(text: string): string {
  if (/Infinity/.test(text)) return text;
  const [mantissa = '', exponent = '0'] = text.replace(/^-/, '').toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const scale = 1_500 + Number(exponent) - fraction.length;
  return String(BigInt(whole + fraction) * 10n ** BigInt(scale));
}

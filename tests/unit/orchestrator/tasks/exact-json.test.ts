import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decodeUtf8, parseExactJson } from '../../../../src/orchestrator/tasks/exact-json.ts';

const parse = (text: string, maxLevels = 32) => parseExactJson(text, { place: 'body', maxLevels });

describe('parseExactJson', () => {
  it('returns what JSON.parse returns for every value that JSON.stringify writes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        const text = JSON.stringify(value);
        assert.deepEqual(await parse(text), JSON.parse(text));
      }),
      { numRuns: 2_000 },
    );
  });

  it('keeps numbers that are written in another way, and signs of zero', async () => {
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
      assert.equal(await parse(text), value, text);
    }
  });

  it('refuses numbers that a double does not hold, with their place', async () => {
    for (const [text, message] of [
      ['9007199254740993', /^body: expected a number .* got 9007199254740993\. Send it as a string\.$/],
      ['{"a":[1,{"b,":[true,1e400]}]}', /^body\.a\.1\.b,\.1: .* got 1e400\./],
      ['{"x":"9007199254740993","y\\"":-0.1000000000000000055}', /^body\.y": /],
      ['[[1,2],[3,1e-400]]', /^body\.1\.1: /],
      ['{"a":{"b":1},"c":12345678901234567}', /^body\.c: /],
    ] as const) {
      await assert.rejects(parse(text), { code: 'ASDLC_INPUT_INVALID', message }, text);
    }
  });

  it('refuses a text with an altered number exactly where JSON.parse alters one', async () => {
    const digits = fc.stringMatching(/^-?(0|[1-9][0-9]{0,24})(\.[0-9]{1,24})?([eE][+-]?[0-9]{1,3})?$/);
    await fc.assert(
      fc.asyncProperty(digits, async (number) => {
        const isExact = decimal(number) === decimal(String(JSON.parse(number)));
        if (isExact) assert.equal(await parse(number), JSON.parse(number));
        else await assert.rejects(parse(number), { code: 'ASDLC_INPUT_INVALID' });
      }),
      { numRuns: 5_000 },
    );
  });

  it('counts the levels within the outermost, before it parses the rest', async () => {
    const nested = (levels: number) => `${'[{"a":'.repeat(levels / 2)}"]}"${'}]'.repeat(levels / 2)}`;
    assert.deepEqual(await parse('[]', 0), []);
    assert.deepEqual(await parse(nested(4), 3), JSON.parse(nested(4)));
    for (const text of [nested(6), '[[[[[no JSON', '{"a":1,"b":[[[[1']) {
      await assert.rejects(parse(text, 3), {
        message: /^body: expected at most 3 levels within it; got more/,
      });
    }
  });

  // Each of these took a minute to hours when the time grew with the square of the length.
  it('takes a time that grows with the length of a number', async () => {
    const zeros = '0'.repeat(500_000);
    for (const [text, value] of [
      [`1${zeros}e-500000`, 1],
      [`0.${zeros}1e500001`, 1],
      [`1.${zeros}`, 1],
      [`1e${zeros}2`, 100],
    ] as const) {
      assert.equal(await parse(text), value);
    }
    for (const text of [`1${zeros}1`, `1${zeros}1e-500000`, `1.${zeros}1`, `1e${'9'.repeat(500_000)}`]) {
      await assert.rejects(parse(text), { code: 'ASDLC_INPUT_INVALID' });
    }
  });

  it('takes names that other parsers fear', async () => {
    const value = (await parse('{"constructor":{"prototype":1},"__proto__":{"a":1}}')) as object;
    assert.equal(JSON.stringify(value), '{"constructor":{"prototype":1},"__proto__":{"a":1}}');
    assert.equal(Object.getPrototypeOf(value), Object.prototype);
  });

  it('refuses what is not JSON, or not UTF-8', async () => {
    for (const text of ['{"a":}', '"', '{"a', '-', '[1e', '1.e', '"\\', '\\"', '0x1', 'NaN', ']]']) {
      const message = /^body: expected JSON; got/;
      await assert.rejects(parse(text), { code: 'ASDLC_INPUT_INVALID', message }, text);
    }
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

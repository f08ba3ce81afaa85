import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { checkRange, parseDuration, parseTime } from '../../../../src/orchestrator/query/time-parameters.ts';

const refused = { errorType: 'bad_data', statusCode: 400 };

describe('parseTime', () => {
  it('accepts seconds, with a fraction or an exponent, and RFC 3339', () => {
    const cases: [string, number][] = [
      ['0', 0],
      ['1767225600', 1767225600],
      ['1767225600.25', 1767225600.25],
      ['1.7672256e9', 1767225600],
      ['2026-01-01T00:00:00Z', 1767225600],
      ['2026-01-01T01:00:00+01:00', 1767225600],
      ['2026-01-01T00:00:00.5Z', 1767225600.5],
      ['2024-02-29T00:00:00Z', 1709164800],
      ['1767225600.0004', 1767225600],
    ];
    for (const [text, seconds] of cases) assert.equal(parseTime('start', text), seconds);
  });

  it('refuses milliseconds, dates in other forms and other texts', () => {
    for (const text of [
      '1767225600000',
      '2026-01-01',
      '2026-13-01T00:00:00Z',
      '2026-02-29T00:00:00Z',
      '2026-01-01T24:00:00Z',
      '',
      ' 1',
      '0x10',
      'NaN',
      'Infinity',
      'now',
    ]) {
      assert.throws(() => parseTime('start', text), refused, text);
    }
  });

  it("takes Go's earliest and latest times for the earliest and latest that it knows", () => {
    const earliest = ['-9223372036854775.808', '-9223309901257974', '-292273086-05-16T16:47:06Z'];
    const latest = ['9223372036854775.807', '9223309901257974', '292277025-08-18T07:12:54.999999999Z'];
    for (const text of earliest) assert.equal(parseTime('start', text), -1e11);
    for (const text of latest) assert.equal(parseTime('end', text), 1e11);
    assert.equal(parseTime('start', '0001-01-01T00:00:00Z'), -62_135_596_800);
    assert.equal(parseTime('start', '1795616220.'), 1_795_616_220);
  });

  it('parses any time in both forms to the same seconds', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1970-01-02'), max: new Date('5000-01-01'), noInvalidDate: true }),
        (date) => {
          assert.equal(parseTime('t', date.toISOString()), date.getTime() / 1000);
          assert.equal(parseTime('t', String(date.getTime() / 1000)), date.getTime() / 1000);
        },
      ),
    );
  });
});

describe('parseDuration', () => {
  it("accepts seconds and Prometheus's durations", () => {
    const cases: [string, number][] = [
      ['15', 15],
      ['0.5', 0.5],
      ['15s', 15],
      ['1h30m', 5400],
      ['500ms', 0.5],
      ['1y2w3d4h5m6s7ms', 31_536_000 + 1_209_600 + 259_200 + 14_400 + 300 + 6.007],
    ];
    for (const [text, seconds] of cases)
      assert.ok(Math.abs(parseDuration('step', text) - seconds) < 1e-6, text);
  });

  it('refuses zero, negative values, units out of order and unknown units', () => {
    for (const text of [
      '0',
      '0s',
      '0.0004',
      '-1',
      '-5m',
      '30m1h',
      '1.5h',
      '5 m',
      's',
      '',
      '1M',
      'Infinity',
      '1e999',
    ]) {
      assert.throws(() => parseDuration('step', text), refused, text);
    }
  });
});

describe('checkRange', () => {
  it('refuses what Prometheus refuses: more than 11,000 steps from start to end', () => {
    const message =
      'step: exceeded maximum resolution of 11,000 points per timeseries; got 11001. ' +
      'Try decreasing the query resolution (?step=XX)';
    checkRange(0, 11_000, 1);
    checkRange(0, 11_000.9, 1);
    assert.throws(() => checkRange(0, 11_001, 1), { ...refused, message });
    checkRange(0, 11, 0.001);
    assert.throws(() => checkRange(0, 11.001, 0.001), { message });
    assert.throws(() => checkRange(0, 20.8, parseDuration('step', '0.0014')), /got 20800/);
    checkRange(5, 5, 1);
    assert.throws(() => checkRange(5, 4.9, 1), refused);
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  countDigits,
  formatCanonical,
  formatNumber,
  isShortInteger,
  writeInteger,
} from '../../../../../src/infrastructure/metrics/exposition/number-format.ts';

test('writes whole numbers of every length as String does', () => {
  const bytes = Buffer.alloc(12, '#');
  for (let power = 1; power < 1e9; power *= 10) {
    for (const value of [power - 1, power, power + 1, power * 5 + 3]) {
      assert.ok(isShortInteger(value) || value >= 1e9, String(value));
      if (!isShortInteger(value)) continue;
      const digits = countDigits(value);
      writeInteger(bytes, 1, value, digits);
      assert.equal(bytes.toString('latin1', 1, 1 + digits), String(value));
      assert.equal(bytes.toString('latin1', 0, 1) + bytes.toString('latin1', 11, 12), '##');
    }
  }
  for (const value of [-1, 0.5, 1e9, Number.NaN, Infinity]) assert.equal(isShortInteger(value), false);
});

test('writes other numbers so that they read back the same', () => {
  const expected = {
    '0.1': 0.1,
    '1e+21': 1e21,
    '5e-324': 5e-324,
    NaN: Number.NaN,
    '+Inf': Infinity,
    '-Inf': -Infinity,
  };
  for (const [text, value] of Object.entries(expected)) assert.equal(formatNumber(value), text);
});

test('writes canonical numbers as in the examples of OpenMetrics', () => {
  const values = [1e-10, 1e-5, 0.0001, 0.001, 0.1, 0, 1, 100000, 1e6, 1e10, 99.5, -2.5, -1, Infinity];
  const texts = '1e-10 1e-05 0.0001 0.001 0.1 0.0 1.0 100000.0 1e+06 1e+10 99.5 -2.5 -1.0 +Inf';
  assert.equal(values.map(formatCanonical).join(' '), texts);
});

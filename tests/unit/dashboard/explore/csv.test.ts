import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { chartCsv, csv, tableCsv } from '../../../../dashboard/src/explore/results/csv.ts';

test('quotes fields with a comma, a quote or a line end, and doubles quotes', () => {
  assert.equal(csv([['a', 'b,c', 'd"e', 'f\ng', '']]), 'a,"b,c","d""e","f\ng",\r\n');
});

test('makes text of a cell that a spreadsheet would run', () => {
  for (const start of ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
    const cell = `${start}cmd|' /C calc'!A0`;
    const quoted = /[\t\r\n]/.test(cell) ? `"'${cell}"` : `'${cell}`;
    assert.equal(csv([[cell, 'a']]), `${quoted},a\r\n`);
  }
  assert.equal(
    csv([['-1+cmd()', '-', '=', '- 1', '--1', '-1e', 'a=b']]),
    "'-1+cmd(),'-,'=,'- 1,'--1,'-1e,a=b\r\n",
  );
});

test('leaves every number a number', () => {
  const numbers = ['-1', '-0.5', '-.5', '-1.', '+1', '-1e-7', '+Inf', '-Inf', '-Infinity', '-1.5E+21', 'NaN'];
  assert.equal(csv([numbers]), `${numbers.join(',')}\r\n`);
  fc.assert(
    fc.property(fc.double(), (value) => {
      assert.equal(csv([[String(value)]]), `${value}\r\n`);
    }),
  );
});

test('no cell of any text begins as a formula, and each reads back', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('=', '+', '-', '@', '\t', '\r', '"', ',', '1', 'a', ' ') }),
      (text) => {
        const written = csv([[text]]).slice(0, -2);
        const cell = written.startsWith('"') ? written.slice(1, -1).replaceAll('""', '"') : written;
        assert.ok(cell === text || cell === `'${text}`);
        assert.doesNotMatch(cell, /^[=@\t\r]/);
        if (/^[+-]/.test(cell)) assert.ok(Number.isFinite(Number(cell)), cell);
      },
    ),
  );
});

test('a chart has a row for each time and an empty field for a gap', () => {
  const series = [
    { legend: 'a', name: 'up{job="a"}', values: [1, null] },
    { legend: 'B', name: 'B', values: [0.5, 2] },
  ];
  assert.equal(
    chartCsv([0, 15], series),
    'time,"up{job=""a""}",B\r\n1970-01-01T00:00:00.000Z,1,0.5\r\n1970-01-01T00:00:15.000Z,,2\r\n',
  );
});

test('a table has a column for each label of any query', () => {
  const result = { kind: 'instant', key: '', time: 0, tookSeconds: 0 } as const;
  const text = tableCsv([
    { ...result, query: 'up', samples: [{ labels: { __name__: 'up', job: 'a' }, time: 0, value: '1' }] },
    { ...result, query: 'vector(2)', samples: [{ labels: {}, time: 0, value: '2' }] },
  ]);
  assert.equal(
    text,
    'query,__name__,job,time,value\r\n' +
      'up,up,a,1970-01-01T00:00:00.000Z,1\r\n' +
      'vector(2),,,1970-01-01T00:00:00.000Z,2\r\n',
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chartCsv, csv, tableCsv } from '../../../../dashboard/src/explore/results/csv.ts';

test('quotes fields with a comma, a quote or a line end, and doubles quotes', () => {
  assert.equal(csv([['a', 'b,c', 'd"e', 'f\ng', '']]), 'a,"b,c","d""e","f\ng",\r\n');
});

test('makes text of what a spreadsheet would run, and leaves numbers alone', () => {
  const formulas = ['=1+1', '+1+1', '-1|x', '@a', '\tx', '\r=1', '=HYPERLINK("x")'];
  for (const text of formulas) assert.match(csv([[text]]), /^"?'/, text);
  const numbers = ['-1', '+1.5', '-2.5e-7', '-Inf', '+Inf', '1e+21', 'NaN'];
  assert.equal(csv([numbers]), `${numbers}\r\n`);
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

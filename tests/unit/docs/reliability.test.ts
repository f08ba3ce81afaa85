import assert from 'node:assert/strict';
import { it } from 'node:test';
import { escaped, TABLE_HEADS } from '../../faults/report.ts';
import { FAULT_ROWS } from '../../faults/rows/all.ts';
import { FEATURE_ROWS } from '../../faults/rows/features.ts';
import { readPage, tableRows } from '../../support/pages.ts';

const page = readPage('docs/reliability.md');

it('docs/reliability.md has every fault and its promise (else run: npm run test:faults)', () => {
  for (const [head, rows] of [
    [TABLE_HEADS.faults, FAULT_ROWS],
    [TABLE_HEADS.features, FEATURE_ROWS],
  ] as const) {
    const written = tableRows(page, head).map(([fault, promise]) => [fault, promise]);
    const promised = rows.map(({ fault, promise }) => [escaped(fault), escaped(promise)]);
    assert.deepEqual(written, promised);
  }
});

it('docs/reliability.md says what was seen, and has a history and a soak', () => {
  for (const head of Object.values(TABLE_HEADS))
    for (const [fault, , seen] of tableRows(page, head)) assert.notEqual(seen, '', fault);
  const figures = new Map(tableRows(page, 'figure').map(([name, count]) => [name, Number(count)]));
  const sum = ['completed', 'dead', 'queued'].reduce((total, name) => total + (figures.get(name) ?? 0), 0);
  assert.ok(sum >= 1_000 && sum >= (figures.get('accepted') ?? 0));
  assert.ok(tableRows(page, 'measure').length >= 10);
});

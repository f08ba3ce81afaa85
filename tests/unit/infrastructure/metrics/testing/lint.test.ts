import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lintExposition } from '../../../../../src/infrastructure/metrics/testing/lint.ts';

const rulesOf = (text: string, options = {}) => lintExposition(text, options).map(({ rule }) => rule);

/** One line of samples of a metric with a header. */
function family(name: string, type: string, labels = ''): string {
  return `# HELP ${name} Some.\n# TYPE ${name} ${type}\n${name}${labels} 1\n`;
}

/** Each is one kind of bad name, and the rules that it breaks. */
const NAMES: readonly [text: string, ...rules: string[]][] = [
  [family('jobs_total', 'counter')],
  [family('jobs', 'counter'), 'total'],
  [family('jobs_total', 'gauge'), 'total'],
  [family('wait_milliseconds', 'gauge'), 'base-unit'],
  [family('wait_minutes', 'gauge'), 'base-unit'],
  [family('wait_seconds', 'gauge')],
  [family('wait_ms', 'gauge'), 'unit-abbreviation'],
  [family('jobs_gauge', 'gauge'), 'type-in-name'],
  [family('jobs:rate', 'gauge'), 'colon'],
  [family('jobsWaiting', 'gauge'), 'snake-case'],
  [family('jobs', 'gauge', '{jobKind="a"}'), 'snake-case'],
  [family('jobs_count', 'gauge'), 'reserved-suffix'],
  [family('jobs_bucket', 'gauge'), 'reserved-suffix'],
  [family('jobs', 'gauge', '{le="1"}'), 'reserved-label'],
  [family('jobs', 'gauge', '{quantile="1"}'), 'reserved-label'],
  ['# TYPE jobs gauge\njobs 1\n', 'help'],
  ['# HELP jobs Jobs.\njobs 1\n', 'type'],
];

for (const [text, ...rules] of NAMES) {
  test(`has ${rules.join(', ') || 'no advice'} for ${text.split('\n').slice(1).join(' ')}`, () => {
    assert.deepEqual(rulesOf(text), rules);
  });
}

test('goes on after a line that it cannot read', () => {
  const findings = lintExposition(`${family('a', 'gauge')}b{\na 2\nc{x=1} 2\n`);
  assert.deepEqual(
    findings.map(({ line, rule }) => [line, rule]),
    [
      [4, 'syntax'],
      [5, 'duplicate-series'],
      [6, 'syntax'],
    ],
  );
});

test('takes a text with # EOF for OpenMetrics', () => {
  const text = '# HELP a A.\n# TYPE a counter\na_total 1\n# EOF\n';
  assert.deepEqual(rulesOf(text), []);
  assert.ok(rulesOf(text, { format: 'text' }).includes('type'));
});

test('leaves out advice about names with a given start, but no errors', () => {
  const text = `${family('nodejs_things_total', 'gauge')}nodejs_things_total 2\n`;
  assert.deepEqual(rulesOf(text), ['total', 'duplicate-series']);
  assert.deepEqual(rulesOf(text, { ignoreNames: ['nodejs_'] }), ['duplicate-series']);
});

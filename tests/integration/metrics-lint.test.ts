import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Finding } from '../../src/infrastructure/metrics/testing/exposition.ts';
import { lintExposition } from '../../src/infrastructure/metrics/testing/lint.ts';

/* The linter beside the real promtool: it finds at least what promtool finds, and nothing in what both accept. */

interface Verdict {
  readonly isReadable: boolean;
  /** `name message` of each problem. */
  readonly problems: readonly string[];
}

async function promtool(exposition: string): Promise<Verdict> {
  const child = spawn('promtool', ['check', 'metrics']);
  child.stdin.end(exposition);
  const outputs = [text(child.stdout), text(child.stderr)] as const;
  const [[stdout, stderr], [code]] = await Promise.all([Promise.all(outputs), once(child, 'exit')]);
  assert.ok(code === 0 || code === 1 || code === 3, `${code}: ${stderr}`);
  const problems = `${stdout}${stderr}`.split('\n').filter((line) => line !== '');
  return { isReadable: code !== 1, problems: code === 3 ? problems : [] };
}

/** How promtool words each piece of advice. */
const ADVICE: readonly [message: RegExp, rule: string][] = [
  [/no help text/, 'help'],
  [/use base unit/, 'base-unit'],
  [/should have "_total" suffix|should not have "_total" suffix/, 'total'],
  [/should not have "_(?:bucket|count|sum)" suffix/, 'reserved-suffix'],
  [/should not have "(?:le|quantile)" label/, 'reserved-label'],
  [/should not include type/, 'type-in-name'],
  [/should not contain ':'/, 'colon'],
  [/should be written in 'snake_case'/, 'snake-case'],
  [/abbreviated units/, 'unit-abbreviation'],
  [/metric not unique/, 'duplicate-series'],
];

function adviceOf(problem: string): string {
  const name = problem.split(' ')[0];
  const rule = ADVICE.find(([message]) => message.test(problem))?.[1];
  assert.ok(rule, `expected a problem that the test knows; got ${problem}`);
  return `${name} ${rule}`;
}

const adviceIn = (findings: readonly Finding[]) => {
  const advice = findings.filter(({ severity, rule }) => severity === 'advice' && rule !== 'type');
  return new Set(advice.map(({ metric, rule }) => `${metric} ${rule}`));
};

/** Both agree on the advice about a readable exposition, and on what can be read. */
async function compare(exposition: string): Promise<void> {
  const verdict = await promtool(exposition);
  const findings = lintExposition(exposition, { format: 'text' });
  if (!verdict.isReadable) {
    assert.ok(
      findings.some(({ severity }) => severity === 'error'),
      `promtool cannot read ${JSON.stringify(exposition)}`,
    );
  } else {
    const theirs = new Set(verdict.problems.map(adviceOf));
    assert.deepEqual([...adviceIn(findings)].sort(), [...theirs].sort(), exposition);
  }
}

const WORDS = [
  ...[
    'jobs',
    'ms',
    's',
    'KB',
    'b',
    'sec',
    'total',
    'count',
    'sum',
    'bucket',
    'info',
    'ratio',
    'jobsDone',
    'JOBS',
  ],
  ...['counter', 'gauge', 'histogram', 'summary', 'untyped', 'gaugehistogram', 'a:b', 'kilo'],
];
/** One of them in a name: of two, promtool looks at either. */
const UNITS = [
  ...[
    'seconds',
    'milliseconds',
    'minutes',
    'hours',
    'days',
    'weeks',
    'bytes',
    'kilobytes',
    'mibibytes',
    'bits',
  ],
  ...[
    'meters',
    'metres',
    'inches',
    'yards',
    'miles',
    'kelvin',
    'kelvins',
    'fahrenheit',
    'rankine',
    'celsius',
  ],
  ...['ounces', 'pounds', 'grams', 'megagrams', 'calories', 'joules', 'picovolts', 'amperes', 'moles'],
];

const words = fc.array(fc.constantFrom(...WORDS), { maxLength: 3 });
const family = fc
  .record({
    name: fc.tuple(words, fc.constantFrom(...UNITS, 'jobs'), words).map((parts) => parts.flat().join('_')),
    type: fc.constantFrom('counter', 'gauge', 'histogram', 'summary'),
    label: fc.constantFrom('', 'kind', 'jobKind', 'le', 'quantile'),
    hasHelp: fc.boolean(),
  })
  .map(({ name, type, label, hasHelp }) => {
    const isComplex = type === 'histogram' || type === 'summary';
    const labels = label === '' || isComplex ? '' : `{${label}="1"}`;
    const help = hasHelp ? `# HELP ${name} Some.\n` : '';
    return { name, text: `${help}# TYPE ${name} ${type}\n${samples(name, type, labels)}` };
  });

function samples(name: string, type: string, labels: string): string {
  if (type === 'counter' || type === 'gauge') return `${name}${labels} 1\n`;
  const first = type === 'histogram' ? `${name}_bucket{le="+Inf"} 1\n` : `${name}{quantile="0.5"} 1\n`;
  return `${first}${name}_sum 1\n${name}_count 1\n`;
}

test('gives the advice that promtool gives about generated names', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(family, { selector: ({ name }) => name, maxLength: 12 }), (families) =>
      compare(families.map((each) => each.text).join('')),
    ),
    { numRuns: 60 },
  );
});

const LINE = fc.oneof(
  fc.constantFrom(
    ...[
      'a 1',
      'a{b="c"} 2',
      'a{b="c",} 2',
      'a{} 2',
      ' a\t3 ',
      'a 1 12',
      'a 1 1.5',
      'a 1 2 3',
      'a nan',
      'a +Inf',
    ],
    ...[
      '# TYPE a gauge',
      '# TYPE a',
      '# TYPE a number',
      '# HELP a A.',
      '# HELP a',
      '# hello',
      '#',
      '',
      ' ',
      'a',
    ],
    ...[
      'a{',
      'a{b}',
      'a{b=}',
      'a{b="c} 1',
      'a{b="c"d="e"} 1',
      'a{b="\\x"} 1',
      'a{b="c",b="d"} 1',
      '1a 1',
      'a-b 1',
    ],
    ...[
      '# HELP a \\x',
      'a 1e5',
      'a 1e',
      'a --1',
      'a 1,5',
      'a{1b="c"} 1',
      'a{b="c"}4',
      'a{,} 1',
      'a {b="c"} 1',
    ],
    ...['# TYPE h histogram', 'h_bucket{le="x"} 1', 'h_bucket 1', 'h_bucket{le="1"} 1', 'h_count 1', 'h 1'],
  ),
  fc.string({ maxLength: 12 }).map((text) => text.replaceAll('\n', ' ')),
);

test('has an error wherever promtool cannot read', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(LINE, { minLength: 1, maxLength: 5 }), async (lines) => {
      const exposition = lines.map((line) => `${line}\n`).join('');
      const { isReadable } = await promtool(exposition);
      const errors = lintExposition(exposition, { format: 'text' }).filter(
        ({ severity }) => severity === 'error',
      );
      assert.ok(isReadable || errors.length > 0, JSON.stringify(exposition));
    }),
    { numRuns: 150 },
  );
});

const HEADER = '# HELP h_seconds H.\n# TYPE h_seconds histogram\n';
const bucket = (le: string, value: number) => `h_seconds_bucket{le="${le}"} ${value}\n`;
const totals = (count: number) => `h_seconds_sum 1\nh_seconds_count ${count}\n`;

/** What is wrong, an exposition with it, and the rule that finds it. */
const PASSED_BY_PROMTOOL: readonly [what: string, exposition: string, rule: string][] = [
  [
    'buckets out of order',
    HEADER + bucket('2', 1) + bucket('1', 1) + bucket('+Inf', 1) + totals(1),
    'bucket-order',
  ],
  [
    'a repeated bucket',
    HEADER + bucket('1', 1) + bucket('1.0', 1) + bucket('+Inf', 1) + totals(1),
    'bucket-repeated',
  ],
  ['buckets that fall', HEADER + bucket('1', 2) + bucket('+Inf', 1) + totals(1), 'bucket-cumulative'],
  ['a count that is not +Inf', HEADER + bucket('+Inf', 2) + totals(1), 'count-is-infinity'],
  ['no bucket +Inf', HEADER + bucket('1', 1) + totals(1), 'bucket-infinity'],
  ['a counter below 0', '# HELP c_total C.\n# TYPE c_total counter\nc_total -1\n', 'value'],
  ['a series twice', '# HELP jobs J.\n# TYPE jobs gauge\njobs{q="a"} 1\njobs{q="a"} 2\n', 'duplicate-series'],
  [
    'a family in two places',
    `# HELP jobs J.\n# TYPE jobs gauge\njobs{q="a"} 1\n${HEADER}${bucket('+Inf', 1)}${totals(1)}jobs{q="b"} 1\n`,
    'family-together',
  ],
  [
    'a quantile above 1',
    '# HELP s S.\n# TYPE s summary\ns{quantile="2"} 1\ns_sum 1\ns_count 1\n',
    'quantile',
  ],
];

for (const [what, exposition, rule] of PASSED_BY_PROMTOOL) {
  test(`finds ${what}, which promtool can read`, async () => {
    const { isReadable } = await promtool(exposition);
    assert.ok(isReadable);
    const errors = lintExposition(exposition).filter(({ severity }) => severity === 'error');
    assert.deepEqual(
      errors.map((finding) => finding.rule),
      [rule],
    );
  });
}

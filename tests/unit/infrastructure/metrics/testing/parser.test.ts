import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ExpositionError,
  type ExpositionFormat,
  parseExposition,
} from '../../../../../src/infrastructure/metrics/testing/parser.ts';

function refusal(text: string, format: ExpositionFormat = 'text'): string {
  try {
    parseExposition(text, format);
  } catch (error) {
    assert.ok(error instanceof ExpositionError);
    return `${error.finding.rule}: ${error.message}`;
  }
  return 'accepted';
}

test('reads families with headers, labels, timestamps and numbers of every kind', () => {
  const families = parseExposition(
    [
      '# a comment',
      '# HELP jobs_total Jobs \\\\ done\\nso far.',
      '# TYPE jobs_total counter',
      'jobs_total{queue="a\\"b\\\\c\\nd",kind=""} 3 1700000000123',
      '',
      '\tfree \t{ x = "1" , } \t -1.5e+3',
      'up NaN',
      'down +Inf',
      '',
    ].join('\n'),
  );
  const [sample] = families.get('jobs_total')?.samples ?? [];
  assert.deepEqual(sample, {
    name: 'jobs_total',
    labels: new Map([
      ['queue', 'a"b\\c\nd'],
      ['kind', ''],
    ]),
    value: 3,
    timestamp: 1700000000123,
    exemplar: undefined,
    line: 4,
  });
  assert.equal(families.get('jobs_total')?.help, 'Jobs \\ done\nso far.');
  assert.equal(families.get('free')?.samples[0]?.value, -1500);
  assert.equal(families.get('free')?.type, 'untyped');
  assert.ok(Number.isNaN(families.get('up')?.samples[0]?.value));
  assert.equal(families.get('down')?.samples[0]?.value, Infinity);
});

test('reads exemplars, units and created times of OpenMetrics', () => {
  const families = parseExposition(
    `# HELP job_seconds Time of a job.
# TYPE job_seconds histogram
# UNIT job_seconds seconds
job_seconds_bucket{le="0.5"} 1 # {trace_id="abc"} 0.3 1700000000.25
job_seconds_bucket{le="+Inf"} 2 # {} 7.0
job_seconds_sum 7.3
job_seconds_count 2
job_seconds_created 1700000000.0
# EOF
`,
    'openmetrics',
  );
  const [first, second] = families.get('job_seconds')?.samples ?? [];
  const labels = new Map([['trace_id', 'abc']]);
  assert.deepEqual(first?.exemplar, { labels, value: 0.3, timestamp: 1700000000.25 });
  assert.deepEqual(second?.exemplar, { labels: new Map(), value: 7, timestamp: undefined });
  assert.equal(families.get('job_seconds')?.unit, 'seconds');
});

const HISTOGRAM = '# TYPE h histogram\n';

/** Each is one kind of mistake: the text and how the refusal starts. */
const BROKEN: readonly [text: string, refusal: string][] = [
  ['a 1', 'end: line 1: expected a newline at the end; got "a 1"'],
  ['a x\n', 'syntax: line 1: expected a number at column 3; got "x"'],
  ['a\n', 'syntax: line 1: expected a space at column 2; got the end of the line'],
  ['a 0x1p3\n', 'syntax: line 1: expected a number'],
  ['a 1 1.5\n', 'syntax: line 1: expected a timestamp in whole milliseconds'],
  ['a 1 2 3\n', 'syntax: line 1: expected the end of the line at column 7; got "3"'],
  ['a-b 1\n', 'syntax: line 1: expected a space at column 2; got "-b 1"'],
  ['a{b=1} 1\n', 'syntax: line 1: expected "\\"" at column 5; got "1} 1"'],
  ['a{b="1" c="2"} 1\n', 'syntax: line 1: expected "}"'],
  ['a{b="\\t"} 1\n', 'syntax: line 1: expected one of the escapes'],
  ['a{b="1",b="2"} 1\n', 'syntax: line 1: expected each label once at column 9; got b again'],
  ['a{__b="1"} 1\n', 'syntax: line 1: expected a label name that does not start with __; got __b'],
  ['# TYPE a number\n', 'syntax: line 1: expected one of counter, gauge'],
  ['# HELP a \\x\n', 'syntax: line 1: expected a HELP text whose escapes the format has'],
  ['# HELP a A.\n# HELP a A.\na 1\n', 'header: line 2: expected one HELP of a; got another'],
  ['a 1\n# TYPE a gauge\n', 'header: line 2: expected TYPE of a before its samples'],
  ['a 1\nb 1\na{x="1"} 1\n', 'family-together: line 3: expected one group of lines of a; got another'],
  ['a 1\na 2\n', 'duplicate-series: line 2: expected each series once; got a of line 1 again'],
  ['a{x="1",y="2"} 1\na{y="2",x="1"} 2\n', 'duplicate-series: line 2'],
  ['a{x=""} 1\na 2\n', 'duplicate-series: line 2'],
  ['# TYPE a counter\na -1\n', 'value: line 2: expected a of 0 or more; got -1'],
  ['# TYPE a counter\na NaN\n', 'value: line 2: expected a of 0 or more; got NaN'],
  [`${HISTOGRAM}h 1\n`, 'sample-name: line 2: expected h_bucket or h_sum or h_count'],
  [
    `${HISTOGRAM}h_sum 1\nh_count 1\n`,
    'bucket-infinity: line 2: expected a bucket of h with le="+Inf"; got none',
  ],
  [`${HISTOGRAM}h_bucket{le="x"} 1\n`, 'bucket-bound: line 2'],
  [`${HISTOGRAM}h_bucket 1\n`, 'bucket-bound: line 2'],
  [
    `${HISTOGRAM}h_bucket{le="2"} 1\nh_bucket{le="1"} 1\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n`,
    'bucket-order: line 3: expected buckets in ascending order',
  ],
  [
    `${HISTOGRAM}h_bucket{le="1"} 1\nh_bucket{le="1.0"} 1\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n`,
    'bucket-repeated: line 3: expected each bucket once',
  ],
  [
    `${HISTOGRAM}h_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n`,
    'bucket-cumulative: line 3: expected at least 2, as in the bucket before; got 1',
  ],
  [
    `${HISTOGRAM}h_bucket{le="+Inf"} 2\nh_sum 1\nh_count 1\n`,
    'count-is-infinity: line 4: expected 2, as in the bucket +Inf; got 1',
  ],
  [`${HISTOGRAM}h_bucket{le="+Inf"} 2\nh_sum 1\n`, 'histogram-count: line 2: expected h_count; got none'],
  [`${HISTOGRAM}h_bucket{le="+Inf"} 2\nh_count 2\n`, 'histogram-sum: line 2: expected h_sum; got none'],
  [
    `${HISTOGRAM}${['_bucket{le="+Inf",a=', '_sum{a=', '_count{a='].map((line) => `h${line}"x"} 1\nh${line}"y"} 1\n`).join('')}`,
    'series-together: line 4: expected the lines of a series of h together; got h_sum{a="x"}',
  ],
  ['# TYPE s summary\ns{quantile="2"} 1\n', 'quantile: line 2: expected a label quantile from 0 to 1'],
];

const BROKEN_OPENMETRICS: readonly [text: string, refusal: string][] = [
  ['a 1\n', 'end: line 1: expected # EOF at the end; got none'],
  ['# EOF\na 1\n', 'end: line 2: expected nothing after # EOF; got "a 1"'],
  ['\n# EOF\n', 'syntax: line 1: expected no blank line; got one'],
  ['# hello\n# EOF\n', 'syntax: line 1: expected HELP, TYPE or UNIT'],
  ['a  1\n# EOF\n', 'syntax: line 1: expected a number'],
  ['a{b="1",} 1\n# EOF\n', 'syntax: line 1: expected a label name at column 9'],
  [
    '# TYPE a counter\na 1\n# EOF\n',
    'sample-name: line 2: expected a_total or a_created in a family of type counter',
  ],
  [
    '# TYPE a gauge\n# UNIT a seconds\na 1\n# EOF\n',
    'unit: line 2: expected a to end with its unit _seconds',
  ],
  [
    `# TYPE a counter\na_total 1 # {t="${'é'.repeat(128)}"} 1\n# EOF\n`,
    "syntax: line 2: expected names and values of an exemplar's labels of at most 128 code points; got 129",
  ],
  ['# TYPE a gauge\na 1 # {} 1\n# EOF\n', 'exemplar-place: line 2'],
  [`${HISTOGRAM}h_bucket{le="1"} 1\n# EOF\n`, 'canonical-number: line 2: expected le as a canonical number'],
  ['# TYPE a info\na_info 2\n# EOF\n', 'value: line 2: expected a_info of 1; got 2'],
  ['# TYPE a stateset\na{a="x"} 2\n# EOF\n', 'value: line 2: expected a of 0 or 1; got 2'],
  ['# TYPE a stateset\na 1\n# EOF\n', 'stateset: line 2: expected a label a; got a'],
];

for (const [text, expected] of BROKEN) {
  test(`refuses ${JSON.stringify(text)}`, () => {
    const got = refusal(text);
    assert.ok(got.startsWith(expected), got);
  });
}

for (const [text, expected] of BROKEN_OPENMETRICS) {
  test(`refuses ${JSON.stringify(text.slice(0, 60))} as OpenMetrics`, () => {
    const got = refusal(text, 'openmetrics');
    assert.ok(got.startsWith(expected), got);
  });
}

test('refuses bytes that are not UTF-8', () => {
  const bytes = Buffer.concat([Buffer.from('a 1\nb{x="'), Buffer.from([0xff]), Buffer.from('"} 1\n')]);
  assert.throws(() => parseExposition(bytes), { message: 'line 2: expected UTF-8; got other bytes' });
});

test('accepts a series again at another time in OpenMetrics', () => {
  assert.equal(refusal('a 1 1\na 2 2\n# EOF\n', 'openmetrics'), 'accepted');
});

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { linesWithin, sortedLines, type TimelineLine } from '../../../../dashboard/src/why/line.ts';
import { reportOf, whenOf } from '../../../../dashboard/src/why/report.ts';
import { TIMELINE_QUERY } from '../../../../dashboard/src/why/rules/series-query.ts';
import { type Answers, timelineOf } from '../../../../dashboard/src/why/timeline.ts';
import { checkPromql } from '../../../../src/orchestrator/query/promql.ts';

const GRID = { start: 1_795_500_000, end: 1_795_503_600, step: 15 };
const at = (time: number, more: Partial<TimelineLine> = {}): TimelineLine => ({
  time: GRID.start + time,
  tone: 'neutral',
  text: `at ${time}`,
  ...more,
});
const MISSING: Answers = {
  series: { missing: 'The TSDB cannot be reached.' },
  workers: { missing: 'This needs the scope tasks:read.' },
  errors: { missing: 'This needs the scope tasks:read.' },
  queue: { missing: 'This needs the scope tasks:read.' },
  readiness: { missing: 'The orchestrator cannot be reached.' },
  alerts: { missing: 'No ALERTS_URL' },
};

it('puts first what holds now, the worst first, and then the rest, newest first', () => {
  const lines = [
    at(1),
    at(2, { isNow: true, tone: 'warning' }),
    at(3, { end: GRID.start + 50 }),
    at(4, { isNow: true, tone: 'failure' }),
    at(30),
  ];
  const { now, earlier } = sortedLines(lines);
  assert.deepEqual(
    [now, earlier].map((part) => part.map(({ text }) => text)),
    [
      ['at 4', 'at 2'],
      ['at 3', 'at 30', 'at 1'],
    ],
  );
});

it('leaves out what was over before the window, and what came after it', () => {
  const lines = [at(-10), at(-10, { end: GRID.start + 1 }), at(-10, { isNow: true }), at(3_601)];
  assert.deepEqual(
    linesWithin(lines, GRID).map(({ end, isNow }) => [end, isNow]),
    [
      [GRID.start + 1, undefined],
      [undefined, true],
    ],
  );
});

it('says of each source that is missing why, and invents nothing', () => {
  const { lines, missing } = timelineOf(MISSING, GRID, GRID.end);
  assert.deepEqual(lines, []);
  assert.equal(missing.length, 6);
  assert.deepEqual(missing[0], {
    source: 'The TSDB: versions, scrapes, Redis, waiting times, failures and changes over time',
    reason: 'The TSDB cannot be reached.',
  });
});

it('says what is known from Redis without a TSDB, and nothing of now in a window of the past', () => {
  const tasks = { waiting: 2_000, active: 0, delayed: 0, blocked: 0, dead: 0, completed: 0, paused: 0 };
  const queue = {
    data: { paused: false, workers: 0, oldest_age_seconds: 9, paused_event_types: [], queues: [], tasks },
  } as Answers['queue'];
  const texts = (now: number) => timelineOf({ ...MISSING, queue }, GRID, now).lines.map(({ text }) => text);
  assert.deepEqual(texts(GRID.end), ['No worker is live', '2,000 tasks wait, the oldest for 9 s']);
  assert.deepEqual(texts(GRID.end + 7_200), []);
});

it('writes a report in Markdown, oldest first, whose texts cannot become markup', () => {
  const lines = [
    at(600, { text: 'second <script>\n# [x](y)' }),
    at(60, { text: 'first', end: GRID.start + 120 }),
    at(0, { text: 'open', isNow: true, isOlder: true, tone: 'failure' }),
  ];
  const [missing] = timelineOf(MISSING, GRID, GRID.end).missing;
  assert.ok(missing);
  const timeline = { grid: GRID, isLive: true, lines, missing: [missing] };
  const report = reportOf({ timeline, isUtc: true, zone: 'UTC', url: 'http://a.example/why' });
  assert.equal(
    report,
    `# Incident report: 2026-11-24 06:00:00 – 2026-11-24 07:00:00 (UTC)

Source: http://a.example/why

## At the end

- since before 06:00:00 open

## What happened

- 06:01:00 – 06:02:00 first
- 06:10:00 second \\<script\\> \\# \\[x\\](y)

## Not known

- The TSDB: versions, scrapes, Redis, waiting times, failures and changes over time: The TSDB cannot be reached.

## What was done, and what is to do

- 
`,
  );
});

it('says when: a moment, a time with its end, or since when', () => {
  const when = (more: Partial<TimelineLine>) => whenOf(at(60, more), true);
  assert.deepEqual(
    [
      when({}),
      when({ end: GRID.start + 90 }),
      when({ isNow: true }),
      when({ isNow: true, isSeenOnly: true }),
      when({ isOlder: true, end: GRID.start + 90 }),
    ],
    ['06:01:00', '06:01:00 – 06:01:30', 'since 06:01:00', 'at 06:01:00', 'before 06:01:00 – 06:01:30'],
  );
});

it('asks in PromQL that the query API accepts', () => {
  assert.doesNotThrow(() => checkPromql(TIMELINE_QUERY));
});

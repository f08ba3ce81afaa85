import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TimelineLine } from '../../../../dashboard/src/why/line.ts';
import { errorLines, failureLines } from '../../../../dashboard/src/why/rules/failure-lines.ts';
import { growthOf } from '../../../../dashboard/src/why/rules/growth.ts';
import { gapsOf, intervalsOf, type Points } from '../../../../dashboard/src/why/rules/intervals.ts';
import { alertLines, changeLines, redisLines } from '../../../../dashboard/src/why/rules/other-lines.ts';
import { processLines, workerLines } from '../../../../dashboard/src/why/rules/process-lines.ts';
import { queueLines, queueNowLines } from '../../../../dashboard/src/why/rules/queue-lines.ts';
import type { Mark } from '../../../../dashboard/src/why/rules/series-query.ts';
import type { QueueState } from '../../../../src/shared/http-contract/queue.ts';
import type { WorkerDetail } from '../../../../src/shared/http-contract/workers.ts';

/** An hour, with a point every 15 s. */
const GRID = { start: 100_000, end: 103_600, step: 15 };
const iso = (seconds: number) => new Date(seconds * 1000).toISOString();

/** A point for each step from one time to another. */
function points(from: number, to: number, value: (time: number) => number): Points {
  const times = Array.from({ length: (to - from) / GRID.step + 1 }, (_, i) => from + i * GRID.step);
  return times.map((time) => [time, String(value(time))]);
}
const between = (from: number, to: number, value = 1) =>
  points(GRID.start, GRID.end, (time) => (time >= from && time <= to ? value : 0));
const series = (mark: Mark, values: Points, labels: Record<string, string> = {}) => ({
  metric: { mark, ...labels },
  values,
});
const textsOf = (lines: readonly TimelineLine[]) => lines.map(({ text }) => text);

describe('intervals', () => {
  const holds = (value: number) => value > 0;

  it('have a start, an end and the highest value', () => {
    const [only, ...more] = intervalsOf(between(101_000, 101_500, 7), GRID, holds);
    assert.deepEqual(only, { start: 101_005, end: 101_500, highest: 7, isOlder: false, isNow: false });
    assert.deepEqual(more, []);
  });

  it('may have begun before the window, and may hold still', () => {
    const [old] = intervalsOf(between(100_000, 100_300), GRID, holds);
    const [now] = intervalsOf(between(103_000, 103_600), GRID, holds);
    assert.deepEqual([old?.isOlder, old?.isNow, now?.isOlder, now?.isNow], [true, false, false, true]);
  });

  it('end at a gap, and do not hold still in a series that ended', () => {
    const broken = [...points(101_000, 101_300, () => 1), ...points(102_000, 102_300, () => 1)];
    const found = intervalsOf(broken, GRID, holds);
    assert.deepEqual(
      found.map(({ start, end, isNow }) => [start, end, isNow]),
      [
        [101_000, 101_300, false],
        [102_000, 102_300, false],
      ],
    );
  });

  it('gaps are times without a point of any series', () => {
    const [a, b] = [points(101_000, 101_300, () => 1), points(102_000, 102_300, () => 1)];
    assert.deepEqual(gapsOf([a, b], GRID), [{ start: 101_300, end: 102_000 }]);
    assert.deepEqual(gapsOf([a, b, points(101_300, 102_000, () => 0)], GRID), []);
  });
});

describe('lines about processes', () => {
  const worker = (changes: Partial<WorkerDetail>): WorkerDetail => ({
    id: 'w',
    queues: [{ queue: 'tasks', slots: 1 }],
    host: 'h1',
    pid: 7,
    version: '0.2.0',
    state: 'running',
    slots: 10,
    event_types: [],
    since: iso(101_000),
    last_seen: iso(102_000),
    active: [],
    ...changes,
  });

  it('say which worker joined, vanished with its tasks, stopped or drains', () => {
    const active = [{ id: 't', event_type: 'a', queue: 'tasks', started_at: null }];
    const of = (changes: Partial<WorkerDetail>) => workerLines([worker(changes)]);
    assert.deepEqual(textsOf(of({})), ['Worker h1, process 7, joined with version 0.2.0']);
    const [, vanished] = of({ state: 'vanished', active });
    assert.deepEqual(
      [vanished?.time, vanished?.tone, vanished?.text],
      [102_000, 'failure', 'Worker h1, process 7, vanished: it was last seen then; 1 task was active on it'],
    );
    assert.equal(of({ state: 'stopped' })[1]?.text, 'Worker h1, process 7, stopped as it should');
    assert.equal(of({ state: 'draining' })[1]?.isNow, true);
  });

  it('say on how many processes a new version runs, and nothing of a service that is new itself', () => {
    const service = 'asdlc-workers';
    const all = [
      series(
        'version',
        points(GRID.start, GRID.end, (time) => (time < 102_000 ? 3 : 1)),
        { service, version: '0.1.0' },
      ),
      series(
        'version',
        points(102_010, 103_600, () => 2),
        { service, version: '0.2.0' },
      ),
      series(
        'version',
        points(102_010, 103_600, () => 1),
        { service: 'other', version: '1' },
      ),
    ];
    const lines = processLines(all, GRID);
    assert.deepEqual(
      lines.map(({ time, text }) => [time, text]),
      [[102_010, 'Version 0.2.0 of asdlc-workers is new: on 2 of 3 processes at the end']],
    );
  });

  it('say when a process started, when its scrapes failed, and when there were no samples at all', () => {
    const labels = { job: 'asdlc-workers', instance: 'a:1' };
    const start = series(
      'start',
      points(101_000, 103_600, () => 100_990.4),
      { service: 's', instance: 'a:1' },
    );
    assert.deepEqual(textsOf(processLines([start], GRID)), ['s at a:1 started']);
    const up = points(GRID.start, GRID.end, (time) => (time >= 101_000 && time <= 101_300 ? 0 : 1));
    const [down] = processLines([series('down', up, labels)], GRID);
    assert.deepEqual(
      [down?.text, down?.time, down?.end],
      ['No scrape of asdlc-workers at a:1 succeeded', 101_005, 101_290],
    );
    const holed = up.filter(([time]) => time < 102_000 || time > 102_300);
    const texts = textsOf(processLines([series('down', holed, labels)], GRID));
    assert.ok(texts.includes('The TSDB has no samples: it was away, or its scrapes were'));
  });
});

describe('lines about the queue', () => {
  const queue = (changes: Partial<QueueState> = {}, waiting = 0): QueueState => ({
    paused: false,
    queues: [],
    workers: 2,
    oldest_age_seconds: 0,
    paused_event_types: [],
    ...changes,
    tasks: { waiting, active: 0, delayed: 0, dead: 0, completed: 0, ...changes.tasks } as QueueState['tasks'],
  });

  it('say when it was paused, when tasks waited for too long, and when Redis was away', () => {
    const lines = queueLines(
      [
        series('paused', between(101_000, 101_300), { queue: 'tasks' }),
        series('oldest', between(101_000, 101_300, 61), {}),
        series('oldest', between(102_000, 102_300, 301), {}),
        series(
          'redis',
          points(GRID.start, GRID.end, (time) => (time > 103_000 ? 0 : 1)),
          { service: 's' },
        ),
      ],
      GRID,
    );
    assert.deepEqual(
      lines.map(({ tone, text }) => [tone, text]),
      [
        ['warning', 'The queue was paused'],
        ['warning', 'Tasks waited for longer than 1 min: up to 1 min 1 s'],
        ['failure', 'Tasks waited for longer than 1 min: up to 5 min 1 s'],
        ['failure', 's cannot write to Redis'],
      ],
    );
    assert.deepEqual(queueLines([series('oldest', between(101_000, 101_300, 60))], GRID), []);
  });

  it('give the growth of the last five minutes, a second', () => {
    assert.equal(
      growthOf(
        points(GRID.start, GRID.end, (time) => 12 * time),
        GRID,
      )?.toFixed(3),
      '12.000',
    );
    assert.equal(
      growthOf(
        points(103_585, 103_600, (time) => time),
        GRID,
      ),
      undefined,
    );
  });

  it('give no growth for a burst, and none once it is over', () => {
    const last = (count: (time: number) => number) => growthOf(points(GRID.start, GRID.end, count), GRID);
    const jump = (at: number) => last((time) => (time >= at ? 3_600 : 0));
    assert.equal(jump(103_310), 0);
    assert.equal(jump(103_440), 0);
    assert.equal(jump(103_450), 0, 'in the middle: no half grows');
    assert.equal(jump(103_500), undefined, 'nobody knows whether it goes on');
    assert.equal(jump(103_600), undefined);
    const isSteadyNow = last((time) => Math.min(103_420, time));
    assert.equal(isSteadyNow, 0, 'it grew, and stands still');
    assert.equal(
      last((time) => Math.abs(time - 103_450)),
      undefined,
      'it drained, and grows',
    );
    const noisy = last((time) => time + 5 * (time % 2)) ?? 0;
    assert.ok(noisy > 0.9 && noisy < 1.1, `it grows, with noise: ${noisy}`);
  });

  it('give growth that gets faster, and what drains', () => {
    const last = (count: (time: number) => number) => growthOf(points(GRID.start, GRID.end, count), GRID);
    const since = (time: number) => Math.max(0, time - 103_300);
    assert.ok((last((time) => since(time) ** 2 / 100) ?? 0) > 1);
    assert.equal(last((time) => 100_000 - 2 * since(time))?.toFixed(2), '-2.00');
  });

  it('say nothing of a rate after a burst', () => {
    const burst = series(
      'waiting',
      points(GRID.start, GRID.end, (time) => (time >= 103_550 ? 3_600 : 0)),
    );
    const [line] = queueNowLines(queue({ oldest_age_seconds: 90 }, 3_600), [burst], GRID);
    assert.equal(line?.text, '3,600 tasks wait, the oldest for 1 min 30 s');
  });

  it('say how fast it grows, or when it will be empty at the present rate', () => {
    const waiting = (perSecond: number) => [
      series(
        'waiting',
        points(GRID.start, GRID.end, (time) => perSecond * (time - GRID.end) + 20_000),
      ),
    ];
    const state = queue({ oldest_age_seconds: 90 }, 1_980);
    const text = (perSecond: number) => queueNowLines(state, waiting(perSecond), GRID)[0]?.text;
    assert.equal(text(12), '1,980 tasks wait, the oldest for 1 min 30 s; the queue grows by 12/s');
    assert.equal(
      text(-1),
      '1,980 tasks wait, the oldest for 1 min 30 s; it drains in 33 min at the present rate',
    );
    assert.equal(text(0), '1,980 tasks wait, the oldest for 1 min 30 s; their number stays the same');
    assert.equal(queueNowLines(state, [], GRID)[0]?.text, '1,980 tasks wait, the oldest for 1 min 30 s');
    assert.deepEqual(queueNowLines(queue({ oldest_age_seconds: 5 }, 1_000), waiting(12), GRID), []);
  });

  it('say what only Redis knows: that no worker is live, and that it is paused', () => {
    assert.deepEqual(textsOf(queueNowLines(queue({ paused: true, workers: 0 }), [], GRID)), [
      'The queue is paused',
      'No worker is live',
    ]);
    const paused = { event_type: 'mail', since: iso(101_000), by: 'ann', tasks: 3 };
    const [line] = queueNowLines(queue({ paused_event_types: [paused] }), [], GRID);
    assert.deepEqual([line?.time, line?.text], [101_000, 'mail is paused by ann: 3 tasks wait']);
    const known = [series('paused', between(103_000, 103_600), { queue: 'tasks' })];
    assert.deepEqual(queueNowLines(queue({ paused: true }), known, GRID), []);
    assert.deepEqual(queueNowLines(queue(), [], GRID), []);
  });
});

describe('lines about failures', () => {
  const group = {
    event_type: 'invoice.send',
    error: 'no answer in <n> s',
    count: 983,
    since: iso(101_000),
    last: iso(103_000),
    example: 'x',
    dead: 983,
  };

  it('name each group of errors, with its tasks and the way to retry them', () => {
    const [line] = errorLines([group], GRID);
    assert.deepEqual([line?.time, line?.end], [101_000, 103_000]);
    assert.equal(line?.text, '983 tasks of invoice.send died: no answer in <n> s');
    const tasks = { status: 'dead', type: 'invoice.send', group: 'no answer in <n> s' };
    assert.deepEqual(line?.tasks, tasks);
    assert.deepEqual(line?.action, { text: 'Retry them', tasks: { ...tasks, act: 'retry' } });
    const [old] = errorLines([{ ...group, since: iso(1) }], GRID);
    assert.deepEqual([old?.time, old?.isOlder], [GRID.start, true]);
    assert.deepEqual(errorLines([{ ...group, last: null }], GRID), []);
  });

  it('keep error and count of a group whose tasks are not dead any more, or not all', () => {
    const [gone] = errorLines([{ ...group, last: iso(GRID.end), dead: 0 }], GRID);
    assert.equal(gone?.text, '983 tasks of invoice.send died: no answer in <n> s (not dead any more)');
    assert.deepEqual([gone?.isNow, gone?.tasks, gone?.action], [undefined, undefined, undefined]);
    const [some] = errorLines([{ ...group, dead: 1 }], GRID);
    assert.equal(some?.text, '983 tasks of invoice.send died: no answer in <n> s (1 still dead)');
    assert.equal(some?.action?.text, 'Retry it');
  });

  it('count each task once that was given up, if the points are close enough', () => {
    const burst = points(101_000, 101_045, () => 100); // the minute after 100 tasks
    const count = (grid: typeof GRID) =>
      textsOf(failureLines([series('dead', burst, { event_type: 'mail' })], grid));
    assert.deepEqual(count(GRID), ['About 100 tasks of mail were given up']);
    assert.deepEqual(count({ ...GRID, step: 90 }), ['Tasks of mail were given up']);
  });

  it('hold still for a group of errors that grew in the last minute', () => {
    const grown = { ...group, last: iso(GRID.end - 50) };
    const [now] = errorLines([grown], GRID);
    assert.deepEqual([now?.time, now?.isNow, now?.end], [101_000, true, undefined]);
    const [single] = errorLines([{ ...grown, since: grown.last }], GRID);
    assert.equal(single?.isNow, undefined);
  });

  it('begin above the limits of the alerts, and say which tasks died', () => {
    const share = (value: number) => failureLines([series('failed', between(101_000, 102_000, value))], GRID);
    assert.deepEqual(textsOf(share(0.05)), []);
    assert.deepEqual(textsOf(share(0.34)), ['Up to 34% of attempts failed, in five minutes each']);
    const [dead] = failureLines([series('dead', between(101_000, 102_000), { event_type: 'mail' })], GRID);
    assert.equal(dead?.text, 'About 17 tasks of mail were given up');
    assert.deepEqual(dead?.tasks, { status: 'dead', type: 'mail', ended: '100945-101996' });
    const [stalled] = failureLines([series('stalled', between(101_000, 102_000))], GRID);
    assert.match(stalled?.text ?? '', /^Tasks stalled/);
  });
});

describe('other lines', () => {
  it('say what somebody changed, and where it says who', () => {
    const lines = changeLines(
      [series('changed', between(101_000, 101_060), { action: 'queue.pause' })],
      GRID,
    );
    assert.deepEqual(textsOf(lines), ['Somebody paused the queue; the audit lines of the log say who']);
  });

  it('name alerts that fire, and those that fired, each once', () => {
    const alerts = [
      {
        state: 'firing',
        activeAt: iso(103_000),
        labels: { alertname: 'RedisDown', severity: 'critical' },
        annotations: { summary: 'Away', runbook_url: 'https://a.example/r' },
      },
      { state: 'pending', labels: { alertname: 'QueueLatency' } },
    ];
    const fired = [
      series('alert', between(103_000, 103_600), { alertname: 'RedisDown', severity: 'critical' }),
      series('alert', between(101_000, 101_300), { alertname: 'DeadTasks', severity: 'warning' }),
    ];
    const lines = alertLines(alerts, fired, GRID);
    assert.deepEqual(textsOf(lines), [
      'The alert RedisDown fires: Away',
      'The alert DeadTasks fired, and is resolved',
    ]);
    assert.deepEqual([lines[0]?.time, lines[0]?.runbook], [103_000, 'https://a.example/r']);
    assert.deepEqual(textsOf(alertLines([], fired, GRID)), [
      'The alert RedisDown fires',
      'The alert DeadTasks fired, and is resolved',
    ]);
  });

  it('say that Redis is down, with its error', () => {
    const report = (status: string) => ({
      status,
      service: 's',
      version: '1',
      uptime_seconds: 1,
      checks: { redis: { status, latency_ms: 1, error: 'not connected' } },
    });
    assert.deepEqual(textsOf(redisLines(report('down'), GRID)), ['Redis is down: not connected']);
    assert.deepEqual(redisLines(report('up'), GRID), []);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { indexAfterKey } from '../../../../dashboard/src/charts/plot/crosshair-keys.ts';
import { taskMark } from '../../../../dashboard/src/overview/marks/marks.ts';
import { eventTypeOf, windowOfPoint } from '../../../../dashboard/src/overview/panel-point.ts';
import { taskLinks } from '../../../../dashboard/src/overview/panel-tasks.ts';
import { apiFilter, readFilters } from '../../../../dashboard/src/tasks/list/task-filters.ts';
import { chartsOf } from '../../../../dashboard/src/tasks/task/task-charts.ts';

const WINDOW = { start: 1_795_500_000.4, end: 1_795_500_060.2 };

describe('the tasks behind a chart', () => {
  it('are first those that explain it: dead ones, the slowest ones, or those that came', () => {
    const first = (panel: string) => taskLinks(panel, WINDOW)[0];
    const ended = '1795500000-1795500061';
    assert.deepEqual(first('tasks_given_up'), { text: 'Dead tasks', filters: { status: 'dead', ended } });
    assert.deepEqual(first('event_duration'), {
      text: 'Slowest tasks',
      filters: { ended, sort: 'slowest' },
    });
    assert.deepEqual(first('submissions'), {
      text: 'Tasks that were submitted',
      filters: { submitted: ended },
    });
    assert.deepEqual(first('memory'), { text: 'Tasks that ended', filters: { ended } });
    const texts = taskLinks('event_failures', WINDOW, 'mail').map(({ text }) => text);
    assert.deepEqual(texts, ['Dead tasks of mail', 'Tasks of mail that ended', 'Slowest tasks of mail']);
  });

  it('are those of the minute, or of the step, before a point', () => {
    assert.deepEqual(windowOfPoint(1_000, { step: 5 }), { start: 940, end: 1_015 });
    assert.deepEqual(windowOfPoint(1_000, { step: 300 }), { start: 700, end: 1_300 });
  });

  it('are of one event type if the series is', () => {
    const series = [
      { legend: 'mail failed', labels: { event_type: 'mail', status: 'failed' }, values: [] },
      { legend: '3 others', labels: {}, values: [] },
    ];
    const types = ['mail failed', '3 others', undefined].map((legend) => eventTypeOf({ series }, legend));
    assert.deepEqual(types, ['mail', undefined, undefined]);
  });

  it('are found by the filters of the link', () => {
    const link = taskLinks('event_duration', WINDOW, 'mail').find(({ filters }) => filters.status === 'dead');
    const filters = readFilters(new URLSearchParams(link?.filters));
    assert.deepEqual(apiFilter(filters), {
      status: 'dead',
      event_type: 'mail',
      finished_after: '2026-11-24T06:00:00.000Z',
      finished_before: '2026-11-24T06:01:01.000Z',
    });
    assert.deepEqual(readFilters(new URLSearchParams('ended=9-8&submitted=x-1&sort=name')), {});
    assert.equal(
      apiFilter(readFilters(new URLSearchParams('submitted=1-2'))).created_before,
      '1970-01-01T00:00:02.000Z',
    );
  });
});

describe('the charts at the time of a task', () => {
  const iso = (seconds: number) => new Date(seconds * 1000).toISOString();
  const task = { id: 'a-long-id', created_at: iso(9_000), started_at: iso(10_000), finished_at: iso(10_060) };

  it('begin five minutes before its start and end five minutes after its end, or now', () => {
    const charts = chartsOf(task, 20_000);
    assert.deepEqual(charts?.window, { start: 9_700, end: 10_360 });
    assert.equal(chartsOf(task, 10_100)?.window.end, 10_300);
    assert.deepEqual(charts?.mark, { task: 'a-long-id', at: '10060' });
    const waiting = { ...task, started_at: null, finished_at: null };
    assert.equal(chartsOf(waiting, 9_000)?.mark.at, '9000');
    assert.equal(chartsOf({ ...waiting, created_at: null }, 9_000), undefined);
  });

  it('mark the task of the URL, and nothing for another URL', () => {
    const mark = taskMark(new URLSearchParams('task=a-long-id&at=10060'));
    assert.deepEqual(mark, { time: 10_060, text: 'Task a-long-i', task: 'a-long-id' });
    for (const search of ['task=a', 'at=1', 'task=a&at=now', '']) {
      assert.equal(taskMark(new URLSearchParams(search)), undefined, search);
    }
  });
});

it('arrow keys lead from point to point, and stay within the chart', () => {
  const after = (key: string, index: number | null) => indexAfterKey(key, index, 10);
  assert.deepEqual(
    [after('ArrowLeft', null), after('ArrowLeft', 0), after('ArrowRight', 4), after('ArrowRight', 9)],
    [9, 0, 5, 9],
  );
  assert.deepEqual([after('Home', 5), after('End', 5), after('x', 5)], [0, 9, undefined]);
});

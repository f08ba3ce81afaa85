import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { marksAt } from '../../../../dashboard/src/charts/plot/overlays.ts';
import { MARKS_QUERY, marksOf } from '../../../../dashboard/src/overview/marks/marks.ts';
import { checkPromql } from '../../../../src/orchestrator/query/promql.ts';

const GRID = { start: 1_000, end: 2_000, step: 20 };
const SERVICE = { service: 'asdlc-workers', instance: 'w:1' };

const points = (from: number, to: number, value: string | ((time: number) => string)) =>
  Array.from({ length: (to - from) / GRID.step + 1 }, (_, i) => {
    const time = from + i * GRID.step;
    return [time, typeof value === 'string' ? value : value(time)] as const;
  });

describe('marks of the charts', () => {
  it('come from one query, which is PromQL', () => checkPromql(MARKS_QUERY));

  it('are a version that is new in the window, and not one that ran before', () => {
    const version = (from: number, version: string) => ({
      metric: { mark: 'version', service: 'asdlc-workers', version },
      values: points(from, 2_000, '1'),
    });
    assert.deepEqual(marksOf([version(1_000, '1.0.0'), version(1_500, '1.1.0')], GRID), [
      { time: 1_500, text: 'asdlc-workers 1.1.0 is new' },
    ]);
  });

  it('are the starts of a process to the second, restarts included, and its end', () => {
    const metric = { ...SERVICE, mark: 'start' };
    const restarted = points(1_000, 2_000, (time) => (time < 1_480 ? '700' : '1477'));
    assert.deepEqual(marksOf([{ metric, values: restarted }], GRID), [
      { time: 1_477, text: 'asdlc-workers w:1 started' },
    ]);
    assert.deepEqual(marksOf([{ metric, values: points(1_000, 1_600, '700') }], GRID), [
      { time: 1_600, text: 'asdlc-workers w:1 ended' },
    ]);
    const late = points(1_000, 1_960, '700');
    assert.deepEqual(marksOf([{ metric, values: late }], GRID), []);
  });

  it('are each pause of the queue and its end, and not a pause from before the window', () => {
    const metric = { mark: 'paused', queue: 'tasks' };
    const values = points(1_000, 2_000, (time) =>
      time < 1_200 || (time > 1_500 && time < 1_700) ? '1' : '0',
    );
    assert.deepEqual(marksOf([{ metric, values }], GRID), [
      { time: 1_200, text: 'The queue was resumed' },
      { time: 1_520, text: 'The queue was paused' },
      { time: 1_700, text: 'The queue was resumed' },
    ]);
  });

  it('belong to the nearest point under the pointer', () => {
    const marks = [
      { time: 24, text: 'a' },
      { time: 26, text: 'b' },
    ];
    const times = [10, 20, 30];
    assert.deepEqual(
      [0, 1, 2, 3].map((index) => marksAt(marks, times, index)),
      [[], ['a'], ['b'], []],
    );
  });
});

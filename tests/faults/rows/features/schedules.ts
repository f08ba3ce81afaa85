import assert from 'node:assert/strict';
import {
  assertEachOnce,
  dueTimesOf,
  makeSchedules,
  readScheduleRuns,
} from '../../../support/schedule-runs.ts';
import { until } from '../../../support/until.ts';
import type { Feature } from './feature.ts';

const COUNT = 10;

/** Schedules of every second. */
export const schedules: Feature = async () => ({
  start: async ({ url, runs }) => {
    await makeSchedules(url, COUNT, { event_type: 'wait', payload: (i) => 100 * i });
    const untilMore = async () => {
      const before = runs.read('end').length;
      await until('tasks of schedules end', () => runs.read('end').length >= before + 2 * COUNT, 30_000);
    };
    await untilMore();
    return {
      end: async () => {
        await untilMore();
        const all = await readScheduleRuns(url, COUNT);
        assertEachOnce(all);
        const sumOf = (count: (schedule: (typeof all)[number]) => number) =>
          all.reduce((sum, schedule) => sum + count(schedule), 0);
        const [dueTimes, tasks] = [sumOf(dueTimesOf), sumOf((schedule) => schedule.runs.length)];
        const missed = dueTimes - tasks;
        const most = Math.max(...all.map((schedule) => schedule.missed));
        assert.ok(missed <= sumOf((schedule) => schedule.missed));
        return `${COUNT} schedules: ${dueTimes} due times, ${tasks} tasks, each once, all completed; ${missed} missed and counted, at most ${most} of one schedule`;
      },
    };
  },
});

import assert from 'node:assert/strict';
import type { ListedTask, TaskList } from '../../src/shared/http-contract/tasks.ts';
import { request } from './http.ts';
import { until } from './until.ts';

/* Schedules of every second, named s.0, s.1 and so on, and the tasks that they made. */

/** Makes so many schedules, whose tasks get this payload. */
export async function makeSchedules(
  url: string,
  count: number,
  { event_type, payload }: { event_type: string; payload: (i: number) => number },
): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    const made = await request(`${url}/api/schedules/s.${i}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ every_ms: 1_000, event_type, payload: payload(i) }),
    });
    assert.equal(made.status, 201);
  }
}

interface Run {
  readonly dueMs: number;
  readonly status: string;
}

/** What a schedule made. */
export interface ScheduleRuns {
  readonly missed: number;
  /** By due time. */
  readonly runs: readonly Run[];
}

/** The tasks whose ids begin so. A page of a busy machine may have none of them. */
async function tasksOf(url: string, beginning: string): Promise<readonly ListedTask[]> {
  const tasks: ListedTask[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query = new URLSearchParams({ id: beginning, limit: '200', ...(cursor && { cursor }) });
    const { body } = await request(`${url}/api/tasks?${query}`);
    tasks.push(...(body as TaskList).tasks); // by the contract
    cursor = (body as TaskList).next_cursor;
  }
  return tasks;
}

/** Pauses the schedules, and waits until all of their tasks have ended. */
export async function readScheduleRuns(url: string, count: number): Promise<ScheduleRuns[]> {
  const found: ScheduleRuns[] = [];
  for (let i = 0; i < count; i += 1) {
    const paused = await request(`${url}/api/schedules/s.${i}/pause`, { method: 'POST' });
    assert.equal(paused.status, 200);
    const runs = await until(
      `all tasks of s.${i} have ended`,
      async () => {
        const tasks = await tasksOf(url, `schedule~s.${i}~`);
        const isOver = tasks.every(({ status }) => status === 'completed' || status === 'dead');
        return isOver && tasks.map(({ id, status }) => ({ dueMs: Number(id.split('~')[2]), status }));
      },
      30_000,
    );
    assert.equal(runs.length, paused.body.runs, 'each run that the schedule counts is a task');
    found.push({ missed: paused.body.missed, runs: runs.sort((a, b) => a.dueMs - b.dueMs) });
  }
  return found;
}

/** From the first task to the last one: how many times were due. */
export const dueTimesOf = ({ runs }: ScheduleRuns) =>
  ((runs.at(-1)?.dueMs ?? 0) - (runs[0]?.dueMs ?? 0)) / 1_000 + 1;

/** Each due time from the first to the last has one task, but for those that count as missed. */
export function assertEachOnce(all: readonly ScheduleRuns[]): void {
  for (const [i, schedule] of all.entries()) {
    const { missed, runs } = schedule;
    assert.equal(new Set(runs.map(({ dueMs }) => dueMs)).size, runs.length, `s.${i}: no due time twice`);
    const dueTimes = dueTimesOf(schedule);
    assert.ok(runs.every(({ dueMs }) => dueMs % 1_000 === 0));
    // Those after the last task may have been missed too, just before the pause.
    assert.ok(
      dueTimes - runs.length <= missed,
      `s.${i}: ${dueTimes} due times, ${runs.length} tasks, ${missed} missed`,
    );
    assert.ok(runs.every(({ status }) => status === 'completed'));
  }
}

import type { Schedule, ScheduleDetail } from '../../shared/http-contract/schedules.ts';
import type { ScheduleFields, StoredSchedule } from '../../shared/queue/bullmq-schedules.ts';
import type { Definition } from '../../shared/schedules/timing.ts';
import { isoTime } from '../tasks/iso-time.ts';
import { splitData } from '../tasks/task-text.ts';
import { readDefinition, wholeData } from './definition.ts';

const NOTHING: Partial<Definition> = {};

/** Makes what the API shows of a schedule. Anything may be in Redis. */
export function shownSchedule({ id, dueMs, fields, lastStatus }: StoredSchedule): Schedule {
  const { definition, problem } = readOrProblem(fields);
  const {
    cron = null,
    every_ms = null,
    time_zone,
    event_type = '',
    priority = 0,
    max_attempts = null,
  } = definition;
  return {
    id,
    source: fields.source === 'handlers' ? 'handlers' : 'api',
    cron,
    every_ms,
    time_zone: cron === null ? null : (time_zone ?? 'UTC'),
    event_type,
    priority,
    max_attempts,
    paused: fields.paused !== undefined,
    next_run_at: dueMs === undefined ? null : isoTime(dueMs),
    last_run:
      fields.last_task === undefined
        ? null
        : {
            task_id: fields.last_task,
            due_at: timeOf(fields.last_due),
            queued_at: timeOf(fields.last_queued),
            status: lastStatus ?? null,
          },
    runs: countOf(fields.runs),
    missed: countOf(fields.missed),
    created_at: timeOf(fields.created),
    updated_at: timeOf(fields.updated),
    problem,
  };
}

/** As `taskDetail`, the payload is a text: for `writeWithPayload`. */
export async function scheduleDetail(schedule: StoredSchedule): Promise<ScheduleDetail> {
  const { payload } = await splitData(wholeData(schedule.fields.data ?? ''));
  return { ...shownSchedule(schedule), payload };
}

function readOrProblem(fields: ScheduleFields): { definition: Partial<Definition>; problem: string | null } {
  try {
    return { definition: readDefinition(fields.definition).definition, problem: null };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { definition: NOTHING, problem: error.message };
  }
}

function timeOf(text: string | undefined): string | null {
  return isoTime(Number(text ?? 0));
}

function countOf(text: string | undefined): number {
  const count = Number(text ?? 0);
  return Number.isSafeInteger(count) ? count : 0;
}

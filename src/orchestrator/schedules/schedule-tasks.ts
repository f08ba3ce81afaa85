import { createHash, randomUUID } from 'node:crypto';
import type { TaskOfRun } from '../../shared/queue/bullmq-due-schedules.ts';
import { queuePriority } from '../../shared/queue/bullmq-tasks.ts';
import type { Definition } from '../../shared/schedules/timing.ts';
import { newTask } from '../tasks/new-task.ts';

/** The settings of this orchestrator that its tasks have. */
export interface TaskDefaults {
  readonly maxAttempts: number;
  readonly retryDelayMs: number;
}

/*
 * Ids of a schedule's tasks: `schedule~<id>~<due time>`. No id of a schedule contains the tilde, so they all begin alike,
 * and those of no other schedule do. A URL takes the tilde as it is.
 */

/** One due time has one id: it cannot have two tasks. */
export function idOfDueTask(scheduleId: string, due: string): string {
  return `schedule~${scheduleId}~${due}`;
}

/** Of a task out of turn. The same key again makes no second one. */
export function idOfExtraTask(scheduleId: string, key: string | undefined): string {
  const name = key === undefined ? randomUUID() : createHash('sha256').update(key).digest('hex').slice(0, 32);
  return `schedule~${scheduleId}~run-${name}`;
}

/** Makes what Redis keeps of such a task, but for its data. */
export function taskOfRun(
  taskId: string,
  { event_type, priority = 0, max_attempts }: Definition,
  { spanContext, ...defaults }: TaskDefaults & { readonly spanContext?: string | undefined },
): TaskOfRun {
  const request = { event_type, priority, ...(max_attempts !== undefined && { max_attempts }) };
  const { opts } = newTask({ id: taskId, eventType: event_type }, request, { ...defaults, spanContext });
  return { taskId, eventType: event_type, opts, priority: queuePriority(priority) };
}

import type { TaskAttempt, TaskHistory, TaskLogLine } from '../../shared/http-contract/task-history.ts';
import { startOf } from '../../shared/queue/bullmq-fields.ts';
import type { KeptAttempt } from '../../shared/queue/bullmq-history.ts';
import type { StoredHistory } from '../../shared/queue/bullmq-history-reading.ts';
import type { KeptLine } from '../../shared/queue/bullmq-logs.ts';
import { isoTime } from './iso-time.ts';

/** Makes the response for what happened to one task. */
export function taskHistory(stored: StoredHistory): TaskHistory {
  const { timestamp, attempts, changes } = stored;
  const last = lastAttempt(stored);
  return {
    attempts: [
      ...attempts.map((attempt) => shownAttempt(attempt, timestamp)),
      ...(last === undefined ? [] : [last]),
    ],
    changes: changes.map(({ action, by, atMs }) => ({ action, by, at: isoTime(atMs) })),
  };
}

function shownAttempt(attempt: KeptAttempt, timestamp: number): TaskAttempt {
  const { number, startedMs, endedMs, worker, outcome, error = null, progress = null } = attempt;
  return {
    number,
    ...timesOf(startedMs, endedMs, timestamp),
    worker: worker || null,
    outcome,
    progress,
    error,
  };
}

/**
 * The attempt that the job's own fields tell of: one that completed, one that runs, or the last one of a dead task, if an
 * older worker stored its end. All others are in the list.
 */
function lastAttempt(stored: StoredHistory): TaskAttempt | undefined {
  const { status, attemptsMade, timestamp, processedOn, finishedOn, worker, failedReason } = stored;
  if (status !== 'active' && status !== 'completed' && status !== 'dead') return undefined;
  if (processedOn === 0) return undefined;
  if (status === 'dead' && stored.attempts.some(({ startedMs }) => startedMs === processedOn))
    return undefined;
  return {
    number: status === 'active' ? attemptsMade + 1 : attemptsMade,
    ...timesOf(processedOn, status === 'active' ? 0 : finishedOn, timestamp),
    worker: worker || null,
    outcome: status === 'dead' ? 'failed' : status,
    progress: stored.progress,
    error: status === 'dead' ? { name: 'Error', message: failedReason, stack: stored.lastStack } : null,
  };
}

function timesOf(startedMs: number, endedMs: number, timestamp: number) {
  const start = startOf(startedMs, timestamp);
  return { started_at: isoTime(start), ended_at: isoTime(endedMs && Math.max(endedMs, start)) };
}

/** pino's. */
const LEVELS: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};

/** Makes what the response shows of a log line. */
export function shownLine({ atMs, level, attempt, message, fields }: KeptLine): TaskLogLine {
  return {
    time: isoTime(atMs),
    level: level === 0 ? null : (LEVELS[level] ?? String(level)),
    attempt: attempt || null,
    message,
    fields,
  };
}

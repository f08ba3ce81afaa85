import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import { leaveOutWait } from '../../infrastructure/metrics/http/http-metrics.ts';
import { MAX_WAIT_SECONDS } from '../../shared/http-contract/task-events.ts';
import type { TaskDetail } from '../../shared/http-contract/tasks.ts';
import type { Waits } from './task-waits.ts';

export const PREFERENCE_APPLIED = {
  'preference-applied': 'wait=N when the server waited, or would have, for the end of the task',
};

/** Waits for a task as long as its client does. The request's duration in the metrics leaves this wait out. */
export async function waitForTask(
  waits: Waits,
  id: string,
  seconds: number,
  response: ServerResponse,
): Promise<TaskDetail> {
  const left = new AbortController();
  const leave = () => left.abort();
  response.once('close', leave);
  const beganAtMs = performance.now();
  try {
    return await waits.wait(id, { durationMs: seconds * 1_000, signal: left.signal });
  } finally {
    response.off('close', leave);
    leaveOutWait(response, performance.now() - beganAtMs);
  }
}

/**
 * Returns the seconds of `wait` in a header Prefer (RFC 7240), 60 at most; undefined: it has none. A preference that
 * cannot be understood is none.
 */
export function preferredWait(prefer: string | readonly string[] | undefined): number | undefined {
  const [, seconds] =
    /(?:^|[,;])\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:[,;]|$)/i.exec([prefer].flat().join(',')) ?? [];
  return seconds === undefined ? undefined : Math.min(Number(seconds), MAX_WAIT_SECONDS);
}

/**
 * Returns the task if it ends in time, else undefined. Never throws: the task is queued, whatever becomes of the wait.
 * `Preference-Applied` says how long the server was ready to wait.
 */
export async function waitAfterSubmission(
  waits: Waits,
  id: string,
  seconds: number | undefined,
  reply: FastifyReply,
): Promise<TaskDetail | undefined> {
  if (seconds === undefined || waits.isFull) return undefined;
  try {
    const task = await waitForTask(waits, id, seconds, reply.raw);
    reply.header('preference-applied', `wait=${seconds}`);
    return task.status === 'completed' || task.status === 'dead' ? task : undefined;
  } catch {
    return undefined;
  }
}

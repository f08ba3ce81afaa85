import assert from 'node:assert/strict';
import type { Redis } from 'ioredis';
import { post } from './http.ts';

export interface DeadTask {
  readonly event_type: string;
  readonly error: string;
  readonly payload?: unknown;
}

/**
 * Submits tasks, and makes them dead as a worker would have: without running them. Their ends lie a second apart, the last
 * one's first. Returns their ids.
 */
export async function addDeadTasks(
  url: string,
  admin: Redis,
  tasks: readonly DeadTask[],
  headers: Record<string, string> = {},
): Promise<string[]> {
  const ids: string[] = [];
  const [seconds] = await admin.time();
  for (let from = 0; from < tasks.length; from += 1_000) {
    const batch = tasks.slice(from, from + 1_000);
    const body = { tasks: batch.map(({ event_type, payload }) => ({ event_type, payload })) };
    const answer = await post(`${url}/api/tasks/batch`, body, headers);
    assert.equal(answer.status, 202);
    const pipeline = admin.pipeline();
    for (const [i, { id }] of (answer.body.tasks as { id: string }[]).entries()) {
      const endMs = (Number(seconds) + tasks.length - from - i) * 1000;
      ids.push(id);
      pipeline.zrem('{asdlc}:tasks:prioritized', id);
      pipeline.zadd('{asdlc}:tasks:failed', endMs, id);
      pipeline.hset(`{asdlc}:tasks:${id}`, {
        failedReason: batch[i]?.error ?? '',
        finishedOn: endMs,
        processedOn: endMs - 10,
        ats: 1,
        atm: 1,
        stc: 3,
      });
    }
    await pipeline.exec();
  }
  return ids;
}

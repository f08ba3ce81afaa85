import assert from 'node:assert/strict';
import type { Redis } from 'ioredis';
import { post } from './http.ts';
import { type RunningServer, startRedis } from './processes.ts';
import { adminOf } from './redis-servers.ts';
import type { Scope } from './scope.ts';

export async function startAdmin(scope: Scope): Promise<{ admin: Redis; redis: RunningServer }> {
  const redis = await startRedis(scope);
  const admin = adminOf(scope, redis.url);
  return { admin, redis };
}

/** Submits so many tasks, and returns their ids. */
export async function fill(url: string, count: number, event_type: string): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < count) {
    const tasks = Array(Math.min(1_000, count - ids.length)).fill({ event_type });
    const { status, body } = await post(`${url}/api/tasks/batch`, { tasks });
    assert.equal(status, 202);
    ids.push(...body.tasks.map(({ id }: { id: string }) => id));
  }
  return ids;
}

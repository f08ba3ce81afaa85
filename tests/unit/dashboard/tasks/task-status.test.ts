import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { durationsOf } from '../../../../dashboard/src/tasks/task/task-status.ts';

const at = (seconds: number) => new Date(seconds * 1000).toISOString();
const once = {
  status: 'completed',
  attempts: 1,
  due_at: at(0),
  started_at: at(2),
  finished_at: at(5),
} as const;

describe('a task', () => {
  it('waited from its due time, and ran from its start', () => {
    assert.deepEqual(durationsOf(once), { waited: 2, ran: 3 });
    assert.deepEqual(durationsOf({ ...once, due_at: at(1) }), { waited: 1, ran: 3 });
    const running = { ...once, status: 'active', attempts: 0, finished_at: null } as const;
    assert.deepEqual(durationsOf(running), { waited: 2, ran: null });
    assert.deepEqual(durationsOf({ ...running, started_at: null }), { waited: null, ran: null });
  });

  it('has no known wait after a retry, because earlier attempts and backoff lie in between', () => {
    assert.deepEqual(durationsOf({ ...once, attempts: 2 }), { waited: null, ran: 3 });
    assert.deepEqual(durationsOf({ ...once, status: 'dead', attempts: 3 }), { waited: null, ran: 3 });
    const again = { ...once, attempts: 1, finished_at: null };
    assert.deepEqual(durationsOf({ ...again, status: 'active' }), { waited: null, ran: null });
    assert.deepEqual(durationsOf({ ...again, status: 'delayed' }), { waited: null, ran: null });
  });
});

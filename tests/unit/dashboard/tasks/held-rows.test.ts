import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { heldRows } from '../../../../dashboard/src/tasks/list/held-rows.ts';
import type { TaskEventStatus } from '../../../../src/shared/http-contract/task-events.ts';
import type { ListedTask, TaskStatus } from '../../../../src/shared/http-contract/tasks.ts';

const task = (id: string, status: TaskStatus, queue = 'tasks'): ListedTask => ({
  id,
  event_type: 'echo',
  queue,
  status,
  priority: 0,
  attempts: 0,
  max_attempts: 3,
  created_at: null,
  scheduled_at: null,
  due_at: null,
  started_at: null,
  finished_at: null,
  worker: null,
  unhandled_since: null,
  paused: null,
  error: null,
});

interface Given {
  readonly latest?: readonly ListedTask[];
  readonly isCut?: boolean;
  readonly isFollowing?: boolean;
  readonly event?: TaskEventStatus;
}

/** The status that the row of one held task shows. */
function shown(held: ListedTask, { latest = [], isCut = false, isFollowing = true, event }: Given) {
  const told = event && { id: held.id, event_type: 'echo', status: event, time: '' };
  const events = new Map(told === undefined ? [] : [[held.id, told]]);
  const [row] = heldRows({ held: [held], latest, isCut, isFollowing, events });
  return row?.left ?? row?.status;
}

describe('a row that is held', () => {
  it('says what the latest list says of its task', () => {
    const latest = [task('b', 'queued'), task('a', 'completed')];
    assert.equal(shown(task('a', 'active'), { latest }), 'completed');
    assert.equal(shown(task('a', 'active'), { latest, event: 'active' }), 'completed');
  });

  it('says what the last event told of a task that has left the list', () => {
    assert.equal(shown(task('a', 'active'), { event: 'completed' }), 'completed');
    assert.equal(shown(task('a', 'active'), { event: 'removed', isCut: true }), 'removed');
    assert.equal(shown(task('a', 'dead'), { event: 'queued', isCut: true }), 'queued');
  });

  it('stays as it was when newer tasks pushed it out of the list', () => {
    const isCut = true;
    assert.equal(shown(task('a', 'completed'), { isCut, isFollowing: false }), 'completed');
    assert.equal(shown(task('a', 'delayed'), { isCut }), 'delayed');
  });

  it('says that the status is unknown when nothing tells it', () => {
    assert.equal(shown(task('a', 'active'), {}), 'unknown');
    assert.equal(shown(task('a', 'active'), { event: 'active' }), 'unknown');
    assert.equal(shown(task('a', 'active'), { isCut: true, isFollowing: false }), 'unknown');
    assert.equal(shown(task('a', 'active', 'gpu'), { isCut: true }), 'unknown');
    assert.equal(shown(task('a', 'dead'), {}), 'unknown');
  });
});

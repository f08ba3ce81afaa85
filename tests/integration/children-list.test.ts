import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { FlowProducer } from 'bullmq';
import { createClient } from '../../src/client/index.ts';
import type { TaskList } from '../../src/shared/http-contract/tasks.ts';
import { callCli } from '../support/cli.ts';
import { post, request, taskIn } from '../support/http.ts';
import { startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { adminOf } from '../support/redis-servers.ts';
import { suiteScope } from '../support/scope.ts';

describe('a list of the children of a task', () => {
  const scope = suiteScope();
  let flows: FlowProducer;
  let url: string;
  /** Of the flow that the tests look at: two children are completed, two dead and three delayed. */
  let parent: string;
  let children: readonly string[];
  let follower: string;

  const later = { event_type: 'echo', delay_ms: 3_600_000 };
  const flow = {
    event_type: 'flow',
    on_child_dead: 'run',
    children: [
      { event_type: 'echo' },
      { event_type: 'fail.for-good' },
      later,
      { event_type: 'echo' },
      { event_type: 'fail.for-good' },
      { ...later, delay_ms: 3_700_000 },
      { ...later, delay_ms: 3_800_000 },
    ],
    next: [{ event_type: 'flow' }],
  };
  const submit = async (body: object) => {
    const answer = await post(`${url}/api/tasks`, body);
    assert.equal(answer.status, 202, JSON.stringify(answer.body));
    return answer.body;
  };
  const list = async (filter: Record<string, string>): Promise<TaskList> => {
    const { status, body } = await request(`${url}/api/tasks?${new URLSearchParams(filter)}`);
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  };
  const placesOf = ({ tasks }: Pick<TaskList, 'tasks'>) => tasks.map(({ id }) => children.indexOf(id));
  const change = async (action: string, filter: object, more: object = {}) => {
    const { status, body } = await post(`${url}/api/tasks/bulk`, { action, filter, ...more });
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  };

  before(async () => {
    const redis = await startRedis(scope);
    flows = new FlowProducer({ connection: adminOf(scope, redis.url), prefix: '{asdlc}' });
    scope.after(() => flows.close());
    const env = { REDIS_URL: redis.url };
    url = (await startOrchestrator(scope, env)).url;
    for (let n = 0; n < 3; n += 1)
      await post(`${url}/api/tasks/batch`, { tasks: Array(1_000).fill({ ...later, event_type: 'other' }) });
    const submitted = await submit(flow);
    parent = submitted.id;
    children = submitted.children.map(({ id }: { id: string }) => id);
    follower = submitted.next[0].id;
    await submit(flow);
    await startWorkers(scope, env);
    for (const place of [0, 1, 3, 4]) await taskIn(url, children[place] ?? '', ['completed', 'dead']);
  });

  it('has those of each status, and looks at no other task', async () => {
    const found = await list({ parent });
    assert.deepEqual(placesOf(found).slice(0, 3), [6, 5, 2], 'the last due one first');
    assert.deepEqual(placesOf(found).slice(3, 5).sort(), [1, 4]);
    assert.deepEqual(placesOf(found).slice(5).sort(), [0, 3]);
    assert.deepEqual([found.next_cursor, found.looked_at], [null, 7]);
    assert.deepEqual(placesOf(await list({ parent, status: 'blocked' })), []);
    assert.deepEqual(
      (await list({ parent: follower })).tasks.map(({ id }) => id),
      [parent],
    );
    for (const other of [children[0] ?? '', 'unknown', 'meta', 'a:b'])
      assert.deepEqual(await list({ parent: other }), { tasks: [], next_cursor: null, looked_at: 0 });
  });

  it('comes in pages, and with the other filters', async () => {
    const all = placesOf(await list({ parent }));
    const pages: number[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: TaskList = await list({ parent, limit: '2', ...(cursor && { cursor }) });
      pages.push(...placesOf(page));
      cursor = page.next_cursor;
    }
    assert.deepEqual(pages, all);
    assert.deepEqual(placesOf(await list({ parent, status: 'delayed' })), [6, 5, 2]);
    assert.deepEqual(placesOf(await list({ parent, error_contains: 'NO USE' })).sort(), [1, 4]);
    assert.deepEqual(
      placesOf(await list({ parent, event_type: 'fail.for-good', status: 'dead' })).sort(),
      [1, 4],
    );
    assert.deepEqual(placesOf(await list({ parent, id: children[3] ?? '' })), [3]);
    assert.deepEqual(placesOf(await list({ parent: follower, id: children[3] ?? '' })), []);
    assert.deepEqual(placesOf(await list({ parent, sort: 'run_time' })).sort(), [0, 1, 3, 4]);
    assert.deepEqual(placesOf(await list({ parent, finished_after: '2020-01-01' })).sort(), [0, 1, 3, 4]);
    const { status, body } = await request(`${url}/api/tasks?parent=`);
    assert.deepEqual([status, body.code], [400, 'ASDLC_INPUT_INVALID']);
    assert.match(body.message, /parent.*the id of a task/);
  });

  it('has those of flows of other programs', async () => {
    const child = { name: 'echo', data: {}, queueName: 'tasks', opts: { delay: 3_600_000 } };
    const made = await flows.add({
      name: 'echo',
      data: {},
      queueName: 'tasks',
      children: Array(150).fill(child),
    });
    const { tasks } = await list({ parent: made.job.id ?? '', limit: '200' });
    assert.deepEqual(tasks.map(({ id }) => id).sort(), made.children?.map(({ job }) => job.id).sort());
  });

  it('is one for the client and the command', async () => {
    const client = createClient({ url });
    const { tasks } = await client.list({ parent, status: 'delayed' });
    assert.deepEqual(placesOf({ tasks }), [6, 5, 2]);
    const { out } = await callCli(['tasks', '--parent', parent, '--status', 'delayed', '--json'], {
      env: { ASDLC_URL: url },
    });
    assert.deepEqual(placesOf(JSON.parse(out)), [6, 5, 2]);
  });

  it('says what an action on all that match changes', async () => {
    const count = await change('cancel', { parent }, { dry_run: true });
    assert.deepEqual([count.matched, count.done], [3, 0]);
    const [first = '', , delayed = ''] = children;
    const both = await change('cancel', { parent: follower, ids: [delayed] });
    assert.equal(both.matched, 0);
    const due = await change('run_now', { parent, ids: [delayed, first] });
    assert.deepEqual([due.matched, due.done], [1, 1]);
    await taskIn(url, delayed, ['completed']);
    const retried = await change('retry', { parent, status: 'dead' }, { limit: 1 });
    assert.deepEqual([retried.matched, retried.done], [1, 1]);
    const rest = await change('retry', { parent, status: 'dead' }, { cursor: retried.next_cursor });
    assert.deepEqual([rest.matched, rest.done, rest.next_cursor], [1, 1, null]);
    for (const place of [1, 4]) await taskIn(url, children[place] ?? '', ['dead']);
    assert.equal((await change('remove', { parent, status: 'completed' })).done, 3);
    assert.equal((await list({ parent })).tasks.length, 4);
    assert.equal((await change('cancel', { parent })).done, 2);
    await taskIn(url, parent, ['completed']);
    assert.equal((await list({ parent })).tasks.length, 4);
    assert.equal((await request(`${url}/api/tasks/${parent}`, { method: 'DELETE' })).status, 204);
    assert.equal((await list({ parent })).tasks.length, 0);
    assert.equal((await list({ event_type: 'other', limit: '1' })).tasks.length, 1);
  });
});

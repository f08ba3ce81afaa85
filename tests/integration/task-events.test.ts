import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { before, describe, it } from 'node:test';
import type { Redis } from 'ioredis';
import { type OpenEvents, openEvents } from '../support/event-stream.ts';
import { post, request, runTask, sample } from '../support/http.ts';
import { type RunningServer, startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { adminOf } from '../support/redis-servers.ts';
import { type Scope, suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

const EVENTS = '{asdlc}:tasks:events';

describe('the stream of events', () => {
  const scope = suiteScope();
  let redis: RunningServer;
  let admin: Redis;
  let orchestrator: RunningServer;
  let url: string;

  before(async () => {
    redis = await startRedis(scope);
    admin = adminOf(scope, redis.url);
    const env = { REDIS_URL: redis.url, WORKER_POOL_SIZE: '4', TASK_RETRY_DELAY: '0.05' };
    orchestrator = await startOrchestrator(scope, env);
    await startWorkers(scope, env);
    url = orchestrator.url;
  });

  const open = async (test: Scope, query = '', headers = {}): Promise<OpenEvents> => {
    const stream = await openEvents(`${url}/api/events${query}`, headers);
    test.after(() => stream.close());
    return stream;
  };
  const ready = (stream: OpenEvents) => stream.next('the stream is ready', ({ event }) => event === 'ready');
  const statuses = (stream: OpenEvents, id: string) =>
    stream.events.filter(({ data }) => data.id === id).map(({ data }) => data.status);
  const ended = (stream: OpenEvents, id: string) =>
    stream.next(
      `${id} has ended`,
      ({ data }) => data.id === id && /completed|dead|removed/.test(data.status),
    );
  const streams = (count: number) =>
    until(`${count} streams are open`, async () => {
      return (await sample(url, 'asdlc_event_listeners', { kind: 'stream' })) === count;
    });

  it('tells each status of each task, with event type and time', async (t) => {
    const stream = await open(t);
    assert.equal(stream.status, 200);
    assert.match(stream.headers.get('content-type') ?? '', /^text\/event-stream/);
    assert.equal(stream.headers.get('cache-control'), 'no-store');
    assert.equal(stream.headers.get('x-content-type-options'), 'nosniff');
    await ready(stream);
    const { id } = await runTask(url, { event_type: 'echo' });
    const end = await ended(stream, id);
    assert.deepEqual(statuses(stream, id), ['queued', 'active', 'completed']);
    assert.deepEqual(Object.keys(end.data), ['id', 'event_type', 'status', 'time']);
    assert.equal(end.data.event_type, 'echo');
    assert.ok(Math.abs(Date.parse(end.data.time) - Date.now()) < 60_000);
    const failing = await runTask(url, { event_type: 'fail', max_attempts: 2 });
    await ended(stream, failing.id);
    assert.deepEqual(statuses(stream, failing.id), [
      'queued',
      'active',
      'delayed',
      'queued',
      'active',
      'dead',
    ]);
  });

  it('tells what people do to tasks', async (t) => {
    const stream = await open(t);
    await ready(stream);
    const { id } = await runTask(url, { event_type: 'echo', delay_ms: 600_000 }, ['delayed']);
    await post(`${url}/api/tasks/${id}/cancel`, '');
    await post(`${url}/api/tasks/${id}/retry`, '');
    await stream.next('it is completed', ({ data }) => data.id === id && data.status === 'completed');
    await request(`${url}/api/tasks/${id}`, { method: 'DELETE' });
    await stream.next('it is removed', ({ data }) => data.id === id && data.status === 'removed');
    assert.deepEqual(statuses(stream, id), ['delayed', 'dead', 'queued', 'active', 'completed', 'removed']);
  });

  it('has filters, and refuses those that are none', async (t) => {
    const dead = await open(t, '?event_type=fail&status=dead');
    await ready(dead);
    const echo = await runTask(url, { event_type: 'echo' });
    const failed = await runTask(url, { event_type: 'fail', max_attempts: 1 });
    await ended(dead, failed.id);
    assert.deepEqual(statuses(dead, failed.id), ['dead']);
    assert.deepEqual(statuses(dead, echo.id), []);
    const one = await open(t, `?id=${echo.id}`, { 'last-event-id': '0-0' });
    await ready(one);
    assert.deepEqual(statuses(one, echo.id), ['queued', 'active', 'completed']);
    assert.equal(one.events.length, 4);
    for (const [query, headers] of [
      ['?status=done', {}],
      ['?event_type=NO', {}],
      ['', { 'last-event-id': 'x' }],
    ] as const) {
      assert.equal((await request(`${url}/api/events${query}`, { headers })).status, 400);
    }
  });

  it('goes on where a client was, without loss and without repetition', async (t) => {
    const first = await open(t);
    await ready(first);
    const before = await runTask(url, { event_type: 'echo' });
    const { id: place } = await ended(first, before.id);
    first.close();
    const tasks = Array.from({ length: 300 }, () => ({ event_type: 'echo' }));
    const { body } = await post(`${url}/api/tasks/batch`, { tasks });
    const ids: string[] = body.tasks.map(({ id }: { id: string }) => id);
    const second = await open(t, '', { 'last-event-id': place });
    for (const id of ids) await ended(second, id);
    for (const id of ids) assert.deepEqual(statuses(second, id), ['queued', 'active', 'completed']);
    assert.deepEqual(statuses(second, before.id), []);
    assert.equal(
      second.events.some(({ event }) => event === 'gap'),
      false,
    );
    const places = second.events.map(({ id }) => id.split('-').map(Number));
    for (const [i, [ms = 0, number = 0]] of places.entries()) {
      const [lastMs = 0, lastNumber = -1] = places[i - 1] ?? [];
      assert.ok(ms > lastMs || number >= lastNumber, 'in their order');
    }
  });

  it('says what is missing: events that Redis keeps no longer, and a queue that was emptied', async (t) => {
    await runTask(url, { event_type: 'echo' });
    const stream = await open(t);
    const { id: place } = await ready(stream);
    await runTask(url, { event_type: 'echo' });
    await admin.xtrim(EVENTS, 'MAXLEN', 0);
    await runTask(url, { event_type: 'echo' });
    const trimmed = await open(t, '', { 'last-event-id': place });
    const gap = await trimmed.next('a gap', ({ event }) => event === 'gap');
    assert.deepEqual(gap.data, { reason: 'trimmed' });
    await ready(trimmed);
    const reset = await open(t, '', { 'last-event-id': `${Date.now() + 3_600_000}-0` });
    assert.deepEqual((await reset.next('a gap', ({ event }) => event === 'gap')).data, { reason: 'reset' });
    const { id } = await runTask(url, { event_type: 'echo' });
    await ended(reset, id);
  });

  it('reads events of an older version, whose entries hold the results', async (t) => {
    const stream = await open(t);
    await ready(stream);
    const { id } = await runTask(url, { event_type: 'echo' });
    const result = JSON.stringify('x'.repeat(1024 * 1024));
    for (let i = 0; i < 20; i += 1)
      await admin.xadd(
        EVENTS,
        '*',
        'event',
        'completed',
        'jobId',
        id,
        'returnvalue',
        result,
        'prev',
        'active',
      );
    await admin.xadd(EVENTS, '*', 'odd', 'entry');
    await until(
      'all are told',
      () => statuses(stream, id).filter((status) => status === 'completed').length === 21,
    );
    assert.ok(
      stream.events.every(
        ({ event, data }) => event !== 'task' || data.id !== id || data.event_type === 'echo',
      ),
    );
  });

  it('gives a gap instead of more events than a client can take, and does not stall', async (t) => {
    const stream = await open(t);
    await ready(stream);
    const flood = admin.pipeline();
    for (let i = 0; i < 20_000; i += 1)
      flood.xadd(EVENTS, '*', 'event', 'waiting', 'jobId', `flood-${i}`, 'name', 'x');
    await flood.exec();
    await stream.next('a gap', ({ event, data }) => event === 'gap' && data.reason === 'too_many');
    // The rest of the flood may still come, and its gap may take a task's end with it.
    await until('an end is told again', async () => {
      const { id } = await runTask(url, { event_type: 'echo' });
      return stream.events.some(({ data }) => data.id === id && data.status === 'completed');
    });
    const told = stream.events.filter(({ data }) => data.id?.startsWith('flood')).length;
    assert.ok(told < 20_000, `told ${told}`);
  });

  it('cuts off a client that does not read', async (t) => {
    const cutOff = async () =>
      Number(await sample(url, 'asdlc_event_streams_ended_total', { reason: 'slow' }));
    const before = await cutOff();
    const socket = connect(orchestrator.port, '127.0.0.1');
    t.after(() => socket.destroy());
    socket.on('error', () => undefined);
    socket.pause();
    socket.write('GET /api/events HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await until(
      'it is open',
      async () => Number(await sample(url, 'asdlc_event_listeners', { kind: 'stream' })) > 0,
    );
    await until(
      'it is cut off',
      async () => {
        const some = admin.pipeline();
        const id = 'y'.repeat(5_000);
        for (let i = 0; i < 100; i += 1) some.xadd(EVENTS, '*', 'event', 'waiting', 'jobId', id, 'name', 'x');
        await some.exec();
        return (await cutOff()) > before;
      },
      60_000,
    );
  });

  it('frees the place of a client that leaves; 100 clients share one read; the next gets a 503', async (t) => {
    await until(
      'the others are gone',
      async () => (await sample(url, 'asdlc_event_listeners', { kind: 'stream' })) === 0,
    );
    const many = await Promise.all(Array.from({ length: 100 }, () => open(t, '?event_type=echo')));
    for (const stream of many) await ready(stream);
    await until('one blocking read serves them all', async () => {
      const clients = (await admin.client('LIST')) as string;
      return clients.split('\n').filter((line) => /cmd=xread\b/.test(line)).length === 1;
    });
    const refused = await request(`${url}/api/events`);
    assert.deepEqual([refused.status, refused.body.code], [503, 'ASDLC_OVERLOADED']);
    const { id } = await runTask(url, { event_type: 'echo' });
    for (const stream of many) await ended(stream, id);
    for (const stream of many) stream.close();
    await streams(0);
  });

  it('ends when Redis goes, and can be opened when it is back', async (t) => {
    const stream = await open(t);
    await ready(stream);
    await redis.stop('SIGKILL');
    await until('the stream ends', () => stream.isEnded);
    assert.equal((await request(`${url}/api/events`)).status, 503);
    await startRedis(scope, redis.port);
    await until('the orchestrator is ready', async () => (await fetch(`${url}/health/ready`)).ok);
    await ready(await open(t));
  });

  it('ends when the orchestrator stops', async (t) => {
    const stream = await open(t);
    await ready(stream);
    assert.equal(await orchestrator.stop(), 0);
    await until('the stream ends', () => stream.isEnded);
  });
});

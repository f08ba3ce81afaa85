import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Redis } from 'ioredis';
import { post, request, sample, taskIn } from '../support/http.ts';
import { startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { adminOf } from '../support/redis-servers.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

describe('schedules', () => {
  const scope = suiteScope();
  let admin: Redis;
  let url: string;
  let output: () => string;

  before(async () => {
    const redis = await startRedis(scope);
    admin = adminOf(scope, redis.url);
    const env = { REDIS_URL: redis.url };
    await startWorkers(scope, env);
    const orchestrator = await startOrchestrator(scope, env);
    ({ url, output } = orchestrator);
  });

  const put = (id: string, schedule: unknown) =>
    request(`${url}/api/schedules/${id}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: typeof schedule === 'string' ? schedule : JSON.stringify(schedule),
    });
  const get = async (id: string) => (await request(`${url}/api/schedules/${id}`)).body;
  const remove = (id: string) => request(`${url}/api/schedules/${id}`, { method: 'DELETE' });
  const yearly = { cron: '0 0 1 1 *', time_zone: 'Europe/Berlin', event_type: 'echo' };
  const runs = (trigger: string) => sample(url, 'asdlc_schedule_runs_total', { trigger });

  it('make a task for each due time, with an id and a payload of its own', async () => {
    assert.equal(await runs('due'), 0);
    const payload = '{"large":9007199254740991,"text":"é"}';
    const made = await put(
      'every.second',
      `{"every_ms":1000,"event_type":"schedule.of","payload":${payload},"priority":7,"max_attempts":2}`,
    );
    assert.equal(made.status, 201);
    assert.equal(made.headers.get('asdlc-warning'), null);
    const last = await until('two tasks are done', async () => {
      const { runs, last_run } = await get('every.second');
      return runs >= 2 && last_run.status === 'completed' && last_run;
    });
    const due = Date.parse(last.due_at);
    assert.equal(due % 1000, 0);
    assert.equal(last.task_id, `schedule~every.second~${due}`);
    const task = await taskIn(url, last.task_id, ['completed']);
    assert.deepEqual(task.schedule, { id: 'every.second', due_at: last.due_at });
    assert.deepEqual([task.priority, task.max_attempts], [7, 2]);
    assert.deepEqual(task.payload, { large: 9007199254740991, text: 'é' });
    assert.deepEqual(task.result, {
      schedule: { id: 'every.second', dueAt: last.due_at },
      payload: { large: 9007199254740991, text: 'é' },
    });
    assert.equal((await remove('every.second')).status, 204);
    const { body } = await request(`${url}/api/tasks?id=${encodeURIComponent('schedule~every.second~')}`);
    assert.ok(body.tasks.length >= 2);
    const ids = new Set(body.tasks.map(({ id }: { id: string }) => id));
    assert.equal(ids.size, body.tasks.length);
    assert.equal(await runs('due'), body.tasks.length);
    assert.equal(await sample(url, 'asdlc_schedule_lateness_seconds_count', {}), body.tasks.length);
    assert.equal(
      await sample(url, 'asdlc_events_enqueued_total', { event_type: 'schedule.of', result: 'accepted' }),
      body.tasks.length,
    );
  });

  it('are made, shown, replaced and removed', async () => {
    const made = await put('yearly', { ...yearly, payload: [1] });
    assert.equal(made.status, 201);
    const { created_at, updated_at, next_run_at, ...rest } = made.body;
    assert.deepEqual(rest, {
      id: 'yearly',
      source: 'api',
      cron: '0 0 1 1 *',
      every_ms: null,
      time_zone: 'Europe/Berlin',
      event_type: 'echo',
      priority: 0,
      max_attempts: null,
      paused: false,
      last_run: null,
      runs: 0,
      missed: 0,
      problem: null,
    });
    assert.match(next_run_at, /^\d{4}-12-31T23:00:00.000Z$/);
    assert.equal(created_at, updated_at);
    assert.deepEqual((await get('yearly')).payload, [1]);
    const replaced = await put('yearly', { ...yearly, time_zone: undefined });
    assert.deepEqual(
      [replaced.status, replaced.body.time_zone, replaced.body.created_at],
      [200, 'UTC', created_at],
    );
    assert.equal((await get('yearly')).payload, null);
    await put('a.first', { every_ms: 3_600_000, event_type: 'echo' });
    const { body } = await request(`${url}/api/schedules`);
    assert.deepEqual(
      body.schedules.map(({ id }: { id: string }) => id),
      ['a.first', 'yearly'],
    );
    assert.equal(body.schedules[0].payload, undefined);
    for (const id of ['a.first', 'yearly']) assert.equal((await remove(id)).status, 204);
    const gone = await remove('yearly');
    assert.deepEqual(
      [gone.status, gone.body],
      [404, { code: 'ASDLC_NOT_FOUND', message: 'No schedule "yearly".' }],
    );
    assert.equal((await request(`${url}/api/schedules/yearly`)).status, 404);
  });

  it('keep a due time that has passed when they are replaced with the same timing', async () => {
    await put('kept', yearly);
    const past = Date.now() - 60_000;
    await post(`${url}/api/queue/pause`, {});
    await admin.zadd('{asdlc}:tasks:asdlc:schedules', String(past), 'kept');
    await put('kept', { ...yearly, payload: 1 });
    await until('its task is queued', async () => (await get('kept')).runs === 1);
    assert.equal((await get('kept')).last_run.task_id, `schedule~kept~${past}`);
    await post(`${url}/api/queue/resume`, {});
    await remove('kept');
  });

  it('are paused and go on, without what was due meanwhile', async () => {
    await put('pausing', { every_ms: 1_000, event_type: 'echo' });
    await until('it has run', async () => (await get('pausing')).runs > 0);
    const paused = await post(`${url}/api/schedules/pausing/pause`, {});
    assert.deepEqual([paused.status, paused.body.paused, paused.body.next_run_at], [200, true, null]);
    const { runs: before } = paused.body;
    assert.equal((await put('pausing', { every_ms: 1_500, event_type: 'echo' })).body.paused, true);
    await admin.hset('{asdlc}:tasks:asdlc:schedule:pausing', 'missed', 'x');
    const resumed = await post(`${url}/api/schedules/pausing/resume`, {});
    assert.deepEqual([resumed.body.paused, resumed.body.runs, resumed.body.missed], [false, before, 0]);
    assert.equal(Date.parse(resumed.body.next_run_at) % 1_500, 0);
    await until('it runs again', async () => (await get('pausing')).runs > before);
    await remove('pausing');
  });

  it('run out of turn, once for each key', async () => {
    await put('by.hand', { ...yearly, payload: { n: 1 } });
    const [first, second, other] = await Promise.all([
      post(`${url}/api/schedules/by.hand/run`, {}, { 'idempotency-key': 'k' }),
      post(`${url}/api/schedules/by.hand/run`, {}, { 'idempotency-key': 'k' }),
      post(`${url}/api/schedules/by.hand/run`, {}),
    ]);
    assert.deepEqual([first.status, second.status, other.status], [202, 202, 202]);
    assert.equal(first.body.id, second.body.id);
    assert.notEqual(first.body.id, other.body.id);
    assert.equal(first.headers.get('location'), `/api/tasks/${first.body.id}`);
    const task = await taskIn(url, first.body.id, ['completed']);
    assert.deepEqual([task.schedule.id, task.payload], ['by.hand', { n: 1 }]);
    assert.equal((await get('by.hand')).runs, 2);
    assert.equal(await runs('by_hand'), 2);
    assert.equal((await post(`${url}/api/schedules/no.such/run`, {})).status, 404);
    await remove('by.hand');
  });

  it('are refused when they say what cannot be', async () => {
    const message = async (schedule: unknown) => {
      const { status, body } = await put('wrong', schedule);
      return `${status} ${body.message}`;
    };
    assert.equal(
      await message({ event_type: 'echo' }),
      '400 body: expected either cron or every_ms; got none',
    );
    assert.equal(
      await message({ event_type: 'echo', cron: '* * * * *', every_ms: 5_000 }),
      '400 body: expected either cron or every_ms; got both',
    );
    assert.equal(
      await message({ event_type: 'echo', every_ms: 999 }),
      '400 body.every_ms: expected milliseconds from 1000 to 31536000000 (a year); got 999',
    );
    assert.equal(
      await message({ event_type: 'echo', cron: '0 24 * * *' }),
      '400 body.cron: hours: expected 0 to 23, as *, 1-5, 1,3 or */2; got "24"',
    );
    assert.equal(
      await message({ event_type: 'echo', cron: '0 0 30 2 *' }),
      '400 body.cron: expected a time that comes; got "0 0 30 2 *", which comes on no day',
    );
    assert.equal(
      await message({ event_type: 'echo', cron: 'constructor' }),
      '400 body.cron: expected 5 fields (minute, hour, day of the month, month, day of the week), or 6 with the second first; got 1',
    );
    assert.match(
      await message({ event_type: 'echo', cron: '0 0 * * *', time_zone: 'Europe/Berln' }),
      /^400 body.time_zone: expected the name .*; got "Europe\/Berln". Did you mean Europe\/Berlin\?$/,
    );
    assert.match(
      await message({ event_type: 'echo', every_ms: 5_000, time_zone: 'UTC' }),
      /^400 body.time_zone: expected it with cron only/,
    );
    assert.match(await message({ event_type: 'Echo', every_ms: 5_000 }), /^400 body.event_type: expected/);
    assert.match(
      await message({ event_type: 'echo', every_ms: 5_000, delay_ms: 1 }),
      /^400 body: unexpected field "delay_ms"/,
    );
    assert.match(await message('{"event_type":"echo","every_ms":5000,"payload":9007199254740993}'), /^400 /);
    assert.match(await message('{'), /^400 /);
    assert.match(
      await message({ event_type: 'echo', every_ms: 5_000, payload: 'x'.repeat(1_100_000) }),
      /^413 /,
    );
    const { status, body } = await put('Wrong', yearly);
    assert.deepEqual([status, body.message.slice(0, 40)], [400, 'params.id: expected the id of a schedule']);
    assert.deepEqual((await request(`${url}/api/schedules`)).body.schedules, []);
  });

  it('name their change in the log, and count it', async () => {
    await put('audited', yearly);
    await remove('audited');
    await until('both are in the log', () => output().includes('"action":"schedule.remove"'));
    assert.match(output(), /"action":"schedule.put","schedule":"audited"/);
    const removed = await sample(url, 'asdlc_state_changes_total', {
      action: 'schedule.remove',
      result: 'done',
    });
    assert.equal(removed, 7);
    assert.equal(
      await sample(url, 'asdlc_state_changes_total', { action: 'schedule.pause', result: 'failed' }),
      0,
    );
  });

  it('make one task after due times have passed, and count the others as missed', async () => {
    await put('late', { every_ms: 3_600_000, event_type: 'echo' });
    const { next_run_at } = await get('late');
    const first = Date.parse(next_run_at) - 5 * 3_600_000;
    await admin.zadd('{asdlc}:tasks:asdlc:schedules', String(first), 'late');
    const late = await until('it is caught up', async () => {
      const schedule = await get('late');
      return schedule.runs === 1 && schedule;
    });
    assert.deepEqual([late.missed, late.next_run_at], [4, next_run_at]);
    assert.equal(late.last_run.task_id, `schedule~late~${first}`);
    assert.equal(await sample(url, 'asdlc_schedule_missed_total', {}), 4);
    assert.equal(await runs('catch_up'), 1);
    await remove('late');
  });

  it('that cannot be read make no tasks, break no listing, and can be put again', async () => {
    const due = '{asdlc}:tasks:asdlc:schedules';
    const key = (id: string) => `{asdlc}:tasks:asdlc:schedule:${id}`;
    await admin.zadd(
      due,
      '1',
      'bad.type',
      '1',
      'bad.json',
      '1',
      'bad.cron',
      '1',
      'bad.none',
      '1.5',
      'bad.score',
    );
    await admin.set(key('bad.type'), 'x');
    await admin.hset(key('bad.json'), { definition: '{', revision: 'r', data: 'd' });
    await admin.hset(key('bad.cron'), {
      definition: '{"cron":"x","event_type":"echo"}',
      revision: 'r',
      data: 'd',
      last_due: '1e99',
    });
    await put('well', { every_ms: 1_000, event_type: 'echo' });
    await until('the good one runs', async () => (await get('well')).runs > 1);
    const { status, body } = await request(`${url}/api/schedules`);
    assert.equal(status, 200);
    const problems = body.schedules.map(({ id, problem }: { id: string; problem: string | null }) => [
      id,
      problem !== null,
    ]);
    assert.deepEqual(problems, [
      ['bad.cron', true],
      ['bad.json', true],
      ['bad.none', true],
      ['bad.score', true],
      ['bad.type', true],
      ['well', false],
    ]);
    for (const id of ['bad.type', 'bad.json', 'bad.none']) {
      assert.equal((await request(`${url}/api/schedules/${id}`)).status, 200);
      assert.equal((await post(`${url}/api/schedules/${id}/run`, {})).status, 409);
      assert.equal((await put(id, yearly)).body.problem, null);
    }
    for (const { id } of body.schedules) assert.equal((await remove(id)).status, 204, id);
  });

  it('are mended by another PUT of the same, whatever is damaged', async () => {
    const [due, key] = ['{asdlc}:tasks:asdlc:schedules', '{asdlc}:tasks:asdlc:schedule:damaged'];
    const made = await put('damaged', { ...yearly, payload: { n: 1 } });
    for (const damage of [
      () => admin.hset(key, 'definition', '{'),
      () => admin.hset(key, 'timing', 'x'),
      () => admin.hset(key, 'data', '{'),
      () => admin.hdel(key, 'definition', 'data'),
      () => admin.zadd(due, '+inf', 'damaged'),
    ]) {
      await damage();
      const again = await put('damaged', { ...yearly, payload: { n: 1 } });
      assert.deepEqual(again.body, { ...made.body, updated_at: again.body.updated_at }, String(damage));
      assert.deepEqual((await get('damaged')).payload, { n: 1 });
    }
    await remove('damaged');
  });

  it('whose due time is damaged are due at the next one, and hold up no other', async () => {
    const every = { every_ms: 3_600_000, event_type: 'echo' };
    const made = await put('odd', every);
    await put('well', { every_ms: 1_000, event_type: 'echo' });
    for (const score of ['-inf', '1.5', '-1e300']) {
      const { runs } = await get('well');
      await admin.zadd('{asdlc}:tasks:asdlc:schedules', score, 'odd');
      await until('the good one runs', async () => (await get('well')).runs > runs + 1);
      const { next_run_at, runs: none } = await get('odd');
      assert.deepEqual([next_run_at, none], [made.body.next_run_at, 0], score);
    }
    for (const id of ['odd', 'well']) await remove(id);
  });

  it('are at most a thousand, and a thousand are shown and run', async () => {
    const ids = Array.from({ length: 1_000 }, (_, i) => `many.${i}`);
    for (let from = 0; from < ids.length; from += 50)
      await Promise.all(ids.slice(from, from + 50).map((id) => put(id, { ...yearly, payload: { id } })));
    const more = await put('more', yearly);
    assert.deepEqual([more.status, more.body.code], [409, 'ASDLC_CONFLICT']);
    assert.equal((await put('many.0', yearly)).status, 200);
    await post(`${url}/api/queue/pause`, {});
    await admin.zadd(
      '{asdlc}:tasks:asdlc:schedules',
      ...ids.flatMap((id) => [String(Date.now() - 1_000), id]),
    );
    await until('each has run', async () => {
      const { body } = await request(`${url}/api/schedules`);
      return body.schedules.every(({ runs }: { runs: number }) => runs === 1);
    });
    assert.equal((await request(`${url}/api/queue`)).body.tasks.waiting, 1_000);
  });
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { clientTypes } from '../../scripts/client-types.ts';
import { type Client, createClient, type StreamedEvent } from '../../src/client/index.ts';
import { request } from '../support/http.ts';
import {
  freePort,
  HANDLERS,
  REPOSITORY,
  type RunningServer,
  startOrchestrator,
  startRedis,
  startWorkers,
} from '../support/processes.ts';
import { type Scope, suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

const TOKEN = 'token-of-the-client';

describe('the client', () => {
  const scope = suiteScope();
  let api: RunningServer;
  let client: Client<Record<string, (task: { payload: unknown }) => unknown>>;

  before(async () => {
    const { url: REDIS_URL } = await startRedis(scope);
    api = await startOrchestrator(scope, { REDIS_URL, API_TOKEN: TOKEN });
    await startWorkers(scope, { REDIS_URL });
    client = createClient({ url: `${api.url}/`, token: TOKEN });
  });

  it('has the types of the OpenAPI document', async () => {
    const { body: document } = await request(`${api.url}/openapi.json`);
    const expected = await clientTypes(document);
    const written = readFileSync(join(REPOSITORY, 'src/client/openapi.ts'), 'utf8');
    assert.equal(written, expected, 'run: npx node scripts/client-types.ts');
  });

  it('submits a task, waits for its end and returns its result', async () => {
    const statuses: string[] = [];
    const submitted = await client.submit('echo', { a: [1] }, { priority: 3, max_attempts: 2 });
    const task = await client.wait(submitted, { onStatus: (status) => statuses.push(status) });
    assert.equal(task.status, 'completed');
    assert.deepEqual(task.result, { payload: { a: [1] }, attempt: 1, eventType: 'echo' });
    assert.deepEqual([task.priority, task.max_attempts], [3, 2]);
    assert.equal(statuses.at(-1), 'completed');
    assert.deepEqual(await client.get(submitted.id), task);
  });

  it('makes, lists, pauses, runs and removes schedules', async () => {
    const made = await client.schedules.put('hourly', {
      every_ms: 3_600_000,
      event_type: 'echo',
      payload: 1,
    });
    assert.deepEqual([made.id, made.every_ms, made.paused], ['hourly', 3_600_000, false]);
    assert.equal((await client.schedules.pause('hourly')).paused, true);
    assert.equal((await client.schedules.resume('hourly')).paused, false);
    const task = await client.wait((await client.schedules.run('hourly')).id);
    assert.deepEqual([task.payload, task.schedule?.id], [1, 'hourly']);
    assert.equal((await client.schedules.get('hourly')).payload, 1);
    assert.equal((await client.schedules.list())[0]?.runs, 1);
    await client.schedules.remove('hourly');
    await assert.rejects(client.schedules.get('hourly'), { code: 'ASDLC_NOT_FOUND' });
  });

  it('submits a batch, in its order', async () => {
    const tasks = await client.submitBatch([
      { event_type: 'echo', payload: 1 },
      { event_type: 'fail.for-good', max_attempts: 1 },
    ]);
    assert.deepEqual(
      tasks.map(({ event_type }) => event_type),
      ['echo', 'fail.for-good'],
    );
    const ends = await Promise.all(tasks.map((task) => client.wait(task)));
    assert.deepEqual(
      ends.map(({ status, error }) => [status, error?.message]),
      [
        ['completed', undefined],
        ['dead', 'no use'],
      ],
    );
  });

  it('waits for the end of a task with few requests', async () => {
    let requests = 0;
    const counting = createClient({
      url: api.url,
      token: TOKEN,
      fetch: (...args) => {
        requests += 1;
        return fetch(...args);
      },
    });
    const submitted = await counting.submit('slow', { ms: 1_500 });
    assert.equal((await counting.wait(submitted)).status, 'completed');
    assert.equal(requests, 2);
    const { id } = await counting.submit('echo', null, { delay_ms: 600_000 });
    await assert.rejects(counting.wait(id, { timeoutMs: 1_200 }), { code: 'ASDLC_WAIT_TIMEOUT' });
    await counting.cancel(id);
  });

  it('yields events, and goes on where it was when the connection is lost', async (t) => {
    const leaving = new AbortController();
    t.after(() => leaving.abort());
    const responses: Response[] = [];
    const cuts: (() => void)[] = [];
    const cutting = createClient({
      url: api.url,
      token: TOKEN,
      fetch: async (url, init) => {
        const cut = new AbortController();
        cuts.push(() => cut.abort(new TypeError('terminated')));
        const signal = AbortSignal.any([cut.signal, ...(init?.signal ? [init.signal] : [])]);
        const response = await fetch(url, { ...init, signal });
        responses.push(response);
        return response;
      },
    });
    const seen: StreamedEvent[] = [];
    const reading = (async () => {
      for await (const event of cutting.events({ event_type: 'echo', signal: leaving.signal }))
        seen.push(event);
    })();
    const statusesOf = (id: string) => seen.filter((event) => event.type === 'task' && event.id === id);
    await until('it is ready', () => seen.some(({ type }) => type === 'ready'));
    const first = await client.wait(await client.submit('echo', 1));
    await until('the first is told', () => statusesOf(first.id).length === 3);
    cuts.at(-1)?.();
    const second = await client.wait(await client.submit('echo', 2));
    await until('the second is told', () => statusesOf(second.id).length === 3);
    assert.equal(statusesOf(first.id).length, 3);
    assert.equal(responses.length, 2);
    leaving.abort();
    await assert.rejects(reading, { name: 'AbortError' });
    const refused = createClient({ url: api.url, token: 'no-such-token' }).events();
    await assert.rejects(refused.next(), { code: 'ASDLC_UNAUTHORIZED' });
  });

  it('makes one task of one key', async () => {
    const options = { idempotencyKey: 'once' };
    const [first, second] = [
      await client.submit('echo', 1, options),
      await client.submit('echo', 1, options),
    ];
    assert.equal(first.id, second.id);
    await assert.rejects(client.submit('echo', 2, options), {
      code: 'ASDLC_IDEMPOTENCY_KEY_REUSED',
      statusCode: 422,
    });
  });

  it('makes a task of each call without a key', async () => {
    const [first, second] = [await client.submit('echo'), await client.submit('echo')];
    assert.notEqual(first.id, second.id);
  });

  it('lists, page by page', async () => {
    for (const _ of [1, 2]) await client.wait(await client.submit('one', { ms: 1 }));
    const first = await client.list({ event_type: 'one', status: 'completed', limit: 1 });
    assert.equal(first.tasks.length, 1);
    assert.ok(first.next_cursor);
    const next = await client.list({
      event_type: 'one',
      status: 'completed',
      limit: 1,
      cursor: first.next_cursor,
    });
    assert.notEqual(next.tasks[0]?.id, first.tasks[0]?.id);
  });

  it('retries a dead task, and cancels, runs and removes one that waits', async () => {
    const dead = await client.wait(await client.submit('fail.for-good'));
    assert.equal((await client.retry(dead.id)).id, dead.id);
    await client.wait(dead.id);
    const { id } = await client.submit('echo', null, { delay_ms: 60_000 });
    assert.deepEqual(await client.cancel(id), { id, event_type: 'echo', queue: 'tasks', status: 'dead' });
    await assert.rejects(client.cancel(id), { code: 'ASDLC_CONFLICT' });
    await client.remove(id);
    await assert.rejects(client.get(id), { code: 'ASDLC_NOT_FOUND', statusCode: 404 });
    await assert.rejects(client.remove(id), { code: 'ASDLC_NOT_FOUND' });
    const later = await client.submit('echo', null, { delay_ms: 60_000 });
    assert.equal((await client.runNow(later.id)).status, 'queued');
    await client.wait(later);
    await assert.rejects(client.retry(id), { code: 'ASDLC_NOT_FOUND' });
  });

  it('pauses and resumes the queue', async () => {
    await client.pause();
    assert.equal((await client.queue()).paused, true);
    await client.resume();
    assert.equal((await client.queue()).paused, false);
    const { paused, handled } = await client.pause({ event_type: 'echo' });
    assert.deepEqual([typeof paused, handled], ['object', true]);
    assert.equal((await client.queue()).paused_event_types[0]?.event_type, 'echo');
    assert.equal((await client.resume({ event_type: 'echo' })).paused, null);
  });

  it('tells of event types that nobody handles', async () => {
    const warnings: string[] = [];
    const warned = createClient({ url: api.url, token: TOKEN, onWarning: (text) => warnings.push(text) });
    await until('the orchestrator knows the worker', async () => {
      await warned.submit('nobody.handles', null, { delay_ms: 60_000 });
      return warnings.length > 0;
    });
    assert.match(warnings[0] ?? '', /^unknown-event-type; event_types="nobody\.handles"/);
  });

  it('stops waiting at its time limit and at the signal', async () => {
    const { id } = await client.submit('echo', null, { delay_ms: 60_000 });
    await assert.rejects(client.wait(id, { timeoutMs: 60 }), {
      code: 'ASDLC_WAIT_TIMEOUT',
      message: `Expected task ${id} to end within 0.06 s; it is delayed`,
    });
    const stop = new AbortController();
    const waiting = client.wait(id, { signal: stop.signal, onStatus: () => stop.abort(new Error('enough')) });
    await assert.rejects(waiting, { message: 'enough' });
  });

  it('throws the errors of the API with their codes', async () => {
    const stranger = createClient({ url: api.url });
    await assert.rejects(stranger.get('a'), { code: 'ASDLC_UNAUTHORIZED', statusCode: 401 });
    await assert.rejects(client.submit('NOT a type'), { code: 'ASDLC_INPUT_INVALID', statusCode: 400 });
  });

  it('refuses an address that is none, and does not show a password', () => {
    for (const url of ['', '127.0.0.1:8080', 'ftp://host', 'http://host/?a=1']) {
      assert.throws(() => createClient({ url }), { code: 'ASDLC_INPUT_INVALID', message: /expected http/ });
    }
    assert.throws(
      () => createClient({ url: 'http://user:secret@host' }),
      (error: Error) => /without a password/.test(error.message) && !error.message.includes('secret'),
    );
  });

  it('says what answered when that is no orchestrator', async (t) => {
    const url = await answering(t, [[200, {}, '<html>']]);
    const stranger = createClient({ url });
    const { body } = await request(url);
    assert.equal(body, '<html>');
    await assert.rejects(stranger.get('a'), {
      code: 'ASDLC_RESPONSE_INVALID',
      message: /status 200 with "<html>"/,
    });
  });

  it('says why nothing answered', async () => {
    const nobody = createClient({ url: `http://127.0.0.1:${await freePort()}`, retryForMs: 0 });
    await assert.rejects(nobody.get('a'), { code: 'ASDLC_NO_RESPONSE', message: /ECONNREFUSED/ });
  });
});

describe('the client, when the orchestrator cannot answer', () => {
  it('sends a 503 again under the same key, and the task runs once', async (t) => {
    const redis = await startRedis(t);
    const { url } = await startOrchestrator(t, { REDIS_URL: redis.url });
    await startWorkers(t, { REDIS_URL: redis.url, WORKER_HANDLERS: HANDLERS });
    const keys = new Set<string>();
    const statuses: number[] = [];
    const client = createClient({
      url,
      fetch: async (input, init) => {
        keys.add(new Headers(init?.headers).get('idempotency-key') ?? '');
        const response = await fetch(input, init);
        statuses.push(response.status);
        if (response.status === 503) redis.child.kill('SIGCONT');
        return response;
      },
    });
    redis.child.kill('SIGSTOP');
    const submitted = await client.submit('echo', 'kept');
    assert.equal(keys.size, 1);
    assert.equal(statuses[0], 503);
    assert.equal(statuses.at(-1), 202);
    const task = await client.wait(submitted);
    assert.deepEqual([task.status, task.attempts], ['completed', 1]);
    assert.equal((await client.list({ event_type: 'echo' })).tasks.length, 1);
  });

  it('waits as long as Retry-After says, and gives up after its limit', async (t) => {
    const times: number[] = [];
    const busy = { code: 'ASDLC_OVERLOADED', message: 'full' };
    const url = await answering(
      t,
      [
        [503, { 'retry-after': '1' }, JSON.stringify(busy)],
        [202, {}, '{"id":"a","event_type":"b","queue":"q","status":"queued"}'],
      ],
      () => times.push(performance.now()),
    );
    assert.equal((await createClient({ url }).submit('b')).id, 'a');
    assert.equal(times.length, 2);
    assert.ok((times[1] ?? 0) - (times[0] ?? 0) >= 990, `${times}`);
    const impatient = await answering(t, [[503, { 'retry-after': '60' }, JSON.stringify(busy)]]);
    await assert.rejects(createClient({ url: impatient, retryForMs: 1_000 }).submit('b'), {
      code: 'ASDLC_OVERLOADED',
      statusCode: 503,
      retryAfterSeconds: 60,
    });
  });

  it('takes a removal, a cancel and a retry as done that an earlier request had done', async (t) => {
    const url = await answering(t, [
      [503, {}, '{"code":"ASDLC_CLOSING","message":"stops"}'],
      [404, {}, '{"code":"ASDLC_NOT_FOUND","message":"gone"}'],
      [503, {}, '{"code":"ASDLC_CLOSING","message":"stops"}'],
      [409, {}, '{"code":"ASDLC_CONFLICT","message":"is dead"}'],
      [200, {}, '{"id":"a","event_type":"b","queue":"q","status":"dead"}'],
      [503, {}, '{"code":"ASDLC_CLOSING","message":"stops"}'],
      [409, {}, '{"code":"ASDLC_CONFLICT","message":"not dead"}'],
      [200, {}, '{"id":"a","event_type":"b","queue":"q","status":"queued"}'],
    ]);
    const client = createClient({ url });
    await client.remove('a');
    assert.deepEqual(await client.cancel('a'), { id: 'a', event_type: 'b', queue: 'q', status: 'dead' });
    assert.deepEqual(await client.retry('a'), { id: 'a', event_type: 'b', queue: 'q', status: 'queued' });
  });
});

type Reply = readonly [status: number, headers: Record<string, string>, body: string];

/** A server with these replies, one after another; the last one stays. Returns its URL. */
async function answering(scope: Scope, replies: readonly Reply[], onRequest = () => {}): Promise<string> {
  let next = 0;
  const server = createServer((message, response) => {
    message.resume();
    onRequest();
    const [status, headers, body] = replies[Math.min(next++, replies.length - 1)] as Reply; // there is one
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  scope.after(() => server.close());
  const { port } = server.address() as { port: number }; // it listens on a port
  return `http://127.0.0.1:${port}`;
}

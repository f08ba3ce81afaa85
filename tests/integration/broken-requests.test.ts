import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { MAX_HELD_MS, watchLoop } from '../support/beside.ts';
import { type HealthyClient, startHealthyClient } from '../support/healthy-client.ts';
import { post, request } from '../support/http.ts';
import { KIB, MIB } from '../support/large-bodies.ts';
import { type RunningServer, startOrchestrator, startRedis } from '../support/processes.ts';
import { exchange, RawConnection } from '../support/raw-http.ts';
import { suiteScope } from '../support/scope.ts';

const LIVE = 'GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n';
const TASK = '{"event_type":"echo"}';

/** The beginning of a submission; `framing` says how its body comes. */
const submission = (framing: string, path = '/api/tasks') =>
  `POST ${path} HTTP/1.1\r\nHost: localhost\r\ncontent-type: application/json\r\n${framing}\r\n\r\n`;

describe('requests that are broken, pipelined or never end', () => {
  const scope = suiteScope();
  let orchestrator: RunningServer;
  let healthy: HealthyClient;
  let heldMs: () => Promise<number>;

  before(async () => {
    const [redis, watch] = await Promise.all([startRedis(scope), watchLoop()]);
    orchestrator = await startOrchestrator(scope, { REDIS_URL: redis.url, ...watch.env });
    heldMs = async () => (await watch.read()).heldMs;
    // Code that has not run yet is several times slower.
    const warm = await RawConnection.open(orchestrator.port);
    const sent = warm.send([LIVE.repeat(3_000)]);
    for (let i = 0; i < 3_000; i++) await warm.answer();
    await sent;
    warm.close();
    healthy = await startHealthyClient(scope, orchestrator.url);
    await heldMs(); // that of the start
  });
  const open = () => RawConnection.open(orchestrator.port);
  const assertHealthy = async () => {
    const [held, { failures }] = [await heldMs(), await healthy.report()];
    assert.ok(held < MAX_HELD_MS, `held for ${held} ms`);
    assert.deepEqual(failures, {});
    assert.equal((await post(`${orchestrator.url}/api/tasks`, TASK)).status, 202);
  };

  it('get 400 for a framing that is wrong, and are closed', async () => {
    for (const [name, text] of Object.entries({
      'two lengths': submission('content-length: 21\r\ncontent-length: 22') + TASK,
      'a length and chunks': submission('content-length: 21\r\ntransfer-encoding: chunked') + TASK,
      'a negative length': submission('content-length: -1') + TASK,
      'a length that is no number': submission('content-length: 21a') + TASK,
      'a length beyond all': submission(`content-length: ${'9'.repeat(30)}`) + TASK,
      'a chunk whose length is no number': `${submission('transfer-encoding: chunked')}zz\r\n{}\r\n0\r\n\r\n`,
      'a chunk that is longer than it says': `${submission('transfer-encoding: chunked')}1\r\n{}\r\n0\r\n\r\n`,
      'a chunk with a long extension': `${submission('transfer-encoding: chunked')}2;${'a'.repeat(64 * KIB)}\r\n{}\r\n`,
      'an unknown coding': submission('transfer-encoding: gzip') + TASK,
      'a header without a colon': 'GET / HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n',
      'a name with a space': 'GET / HTTP/1.1\r\nHost: a\r\na b: c\r\n\r\n',
      'a zero byte': 'GET / HTTP/1.1\r\nHost: a\r\nx: \0\r\n\r\n',
      'no HTTP': 'hello\r\n\r\n',
      'another protocol': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
      'an unknown version': 'GET / HTTP/9.9\r\nHost: a\r\n\r\n',
      'a space in the path': 'GET /a b HTTP/1.1\r\nHost: a\r\n\r\n',
    })) {
      const answer = await exchange(orchestrator.port, [text]);
      assert.ok(typeof answer !== 'string', `${name}: ${answer}`);
      assert.ok([400, 413].includes(answer.status), `${name}: ${answer.status}`);
      assert.match(answer.body, /"code":"ASDLC_[A-Z_]+"/, name);
    }
    await assertHealthy();
  });

  it('change nothing when the client leaves in the middle', async () => {
    const { body: before } = await request(`${orchestrator.url}/api/queue`);
    await healthy.report();
    for (const path of ['/api/tasks', '/api/tasks/batch']) {
      const text = path.endsWith('batch') ? `{"tasks":[${TASK}` : TASK.slice(0, -1);
      for (const leave of ['close', 'endSending'] as const) {
        const connection = await open();
        await connection.send([submission('content-length: 1000000', path), text]);
        connection[leave]();
        assert.ok(await connection.closed(), `${path} ${leave}`);
      }
    }
    await assertHealthy();
    const { body: after } = await request(`${orchestrator.url}/api/queue`);
    const { count } = await healthy.report();
    assert.ok(
      after.tasks.waiting - before.tasks.waiting <= count + 1_000,
      'only the healthy client submitted',
    );
    assert.doesNotMatch(orchestrator.output(), /request failed/);
  });

  it('are answered in order when thousands are pipelined', async () => {
    const connection = await open();
    const count = 3_000;
    const sent = connection.send([LIVE.repeat(count), `${submission('content-length: 21')}${TASK}`]);
    for (let i = 0; i < count; i++) {
      const answer = await connection.answer();
      assert.equal(typeof answer === 'string' ? answer : answer.status, 200, `${i}`);
    }
    const last = await connection.answer('POST');
    assert.equal(typeof last === 'string' ? last : last.status, 202);
    await sent;
    connection.close();
    await assertHealthy();
  });

  it('are closed by the time limit: what comes byte by byte, and what never ends after its refusal', async () => {
    const drip = async (text: string) => {
      const connection = await open();
      await connection.send([text]);
      const timer = setInterval(() => void connection.send([' ']), 200);
      const isClosed = await connection.closed(40_000); // the limit is 10 s
      clearInterval(timer);
      return isClosed;
    };
    const flood = async () => {
      const connection = await open();
      await connection.send([submission('transfer-encoding: chunked', '/api/tasks/batch')]);
      const chunk = `${(64 * KIB).toString(16)}\r\n${','.repeat(64 * KIB)}\r\n`;
      const deadline = performance.now() + 40_000;
      const refusal = connection.answer('POST');
      while (!connection.isClosed && performance.now() < deadline) {
        await connection.send([chunk]);
        await new Promise(setImmediate);
      }
      const answer = await refusal;
      return [connection.isClosed, typeof answer === 'string' ? answer : answer.status];
    };
    const slow = [submission('content-length: 1000000'), 'GET / HTTP/1.1\r\nHost: a\r\nx: '];
    const [dripped, flooded] = await Promise.all([
      Promise.all(Array.from({ length: 40 }, (_, i) => drip(slow[i % 2] ?? ''))),
      flood(),
    ]);
    assert.ok(dripped.every(Boolean));
    assert.deepEqual(flooded, [true, 400]);
    await assertHealthy();
  });

  it('keep nobody out: the bytes of large bodies under way are bounded apart from small ones', async () => {
    await healthy.report();
    const announced = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const connection = await open();
        await connection.send([submission(`content-length: ${16 * MIB}`, '/api/tasks/batch'), '{"tasks":[']);
        return connection;
      }),
    );
    const refused = await Promise.all(announced.map((connection) => connection.answer('POST', 1_000)));
    const statuses = refused.map((answer) => (typeof answer === 'string' ? answer : answer.status));
    assert.deepEqual(statuses.toSorted(), [503, 503, 503, 503, 'silent', 'silent', 'silent', 'silent']);
    assert.equal((await post(`${orchestrator.url}/api/tasks`, TASK)).status, 202);
    const large = JSON.stringify({ event_type: 'echo', payload: 'x'.repeat(100 * KIB) });
    const answer = await post(`${orchestrator.url}/api/tasks`, large);
    assert.deepEqual([answer.status, answer.body.code], [503, 'ASDLC_OVERLOADED']);
    for (const connection of announced) connection.close();
    await assertHealthy();
  });
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { httpAgent } from '../../../examples/handlers/http-agent.ts';
import { taskContext } from './task-context.ts';

test('sends the task as JSON with its id as Idempotency-Key, and returns the JSON of the response', async (t) => {
  let received: { request: IncomingMessage; body: string } | undefined;
  const url = await serve(t, async (request, response) => {
    received = { request, body: await text(request) };
    response.end('{"answer": 42}');
  });
  const handler = agent(url, { headers: { authorization: 'Bearer secret' } });
  assert.deepEqual(await handler(taskContext({ question: '?' })), { answer: 42 });
  assert.deepEqual(JSON.parse(received?.body ?? ''), {
    id: 'task-1',
    event_type: 'test.event',
    attempt: 1,
    payload: { question: '?' },
  });
  const { method, headers } = received?.request ?? assert.fail('expected a request');
  assert.equal(method, 'POST');
  assert.equal(headers['idempotency-key'], 'task-1');
  assert.equal(headers['content-type'], 'application/json');
  assert.equal(headers.authorization, 'Bearer secret');
});

test('returns null for an empty response', async (t) => {
  const url = await serve(t, (_, response) => response.writeHead(204).end());
  assert.equal(await agent(url)(taskContext({})), null);
});

for (const [status, isFinal] of [
  [400, true],
  [404, true],
  [408, false],
  [429, false],
  [500, false],
  [503, false],
] as const) {
  test(`throws ${isFinal ? 'a permanent error' : 'an error that is retried'} on ${status}`, async (t) => {
    const url = await serve(t, (_, response) => response.writeHead(status).end('not now'));
    await assert.rejects(Promise.resolve(agent(url)(taskContext({}))), (error: Error) => {
      assert.match(error.message, new RegExp(`expected a 2xx status; got ${status} not now`));
      assert.equal('retryable' in error && error.retryable === false, isFinal);
      return true;
    });
  });
}

test('does not follow a redirect', async (t) => {
  const paths: (string | undefined)[] = [];
  const url = await serve(t, (request, response) => {
    paths.push(request.url);
    response.writeHead(307, { location: '/elsewhere' }).end();
  });
  await assert.rejects(Promise.resolve(agent(url)(taskContext({}))), {
    retryable: false,
    message: /got 307/,
  });
  assert.deepEqual(paths, ['/agent']);
});

test('stops reading a response that is too long', async (t) => {
  const url = await serve(t, (_, response) => {
    response.on('close', () => clearInterval(writing));
    const writing = setInterval(() => response.write('x'.repeat(10_000)), 1);
  });
  const call = agent(url, { maxResponseBytes: 50_000 })(taskContext({}));
  await assert.rejects(Promise.resolve(call), {
    retryable: false,
    message: /expected a response of at most 50000 bytes; got more/,
  });
});

test('fails on a response that is not JSON, and shows it', async (t) => {
  const url = await serve(t, (_, response) => response.end('<html>'));
  await assert.rejects(Promise.resolve(agent(url)(taskContext({}))), /expected JSON; got <html>/);
});

test('fails at its time limit when the agent does not respond', async (t) => {
  const url = await serve(t, () => undefined);
  await assert.rejects(
    Promise.resolve(agent(url, { timeoutMs: 50 })(taskContext({}))),
    /expected a response within 50 ms; got none/,
  );
});

test('ends the request when the attempt is aborted', async (t) => {
  const abort = new AbortController();
  const closed = Promise.withResolvers<void>();
  const url = await serve(t, (_, response) => {
    response.on('close', () => closed.resolve());
    abort.abort(new Error('stopping'));
  });
  await assert.rejects(Promise.resolve(agent(url)(taskContext({}, abort.signal))), /stopping/);
  await closed.promise;
});

test('throws an error that is retried when nobody listens', async (t) => {
  const url = await serve(t, () => undefined);
  await assert.rejects(Promise.resolve(agent(url.replace(/:\d+/, ':1'))(taskContext({}))), /ECONNREFUSED/);
});

function agent(url: string, options: Partial<Parameters<typeof httpAgent>[0]> = {}) {
  return httpAgent({ url, timeoutMs: 5_000, maxResponseBytes: 100_000, ...options });
}

async function serve(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/agent`; // listens on TCP
}

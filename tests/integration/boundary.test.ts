import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { post, request } from '../support/http.ts';
import { type RunningServer, startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import { sendText, statusOf } from '../support/raw-http.ts';
import { suiteScope } from '../support/scope.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const echo = JSON.stringify({ event_type: 'echo' });

describe('pages of other origins', () => {
  const scope = suiteScope();
  let orchestrator: RunningServer;
  let workers: RunningServer;

  before(async () => {
    const redis = await startRedis(scope);
    const env = { REDIS_URL: redis.url, ALLOWED_HOSTS: 'asdlc.example' };
    orchestrator = await startOrchestrator(scope, env);
    workers = await startWorkers(scope, env);
  });

  const send = async (method: string, path: string, headers: Record<string, string>, body = '') => {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const length = body === '' ? '' : `content-length: ${body.length}\r\n`;
    const text = `${method} ${path} HTTP/1.1\r\n${lines.join('')}${length}connection: close\r\n\r\n${body}`;
    return sendText(orchestrator.port, text);
  };

  it('can neither pause the queue nor submit, remove or retry a task', async () => {
    const own = `127.0.0.1:${orchestrator.port}`;
    for (const [method, path, body] of [
      ['POST', '/api/queue/pause', ''],
      ['POST', '/api/queue/resume', ''],
      ['POST', '/api/tasks', echo],
      ['POST', '/api/tasks/batch', `{"tasks":[${echo}]}`],
      ['DELETE', '/api/tasks/x', ''],
      ['POST', '/api/tasks/x/retry', ''],
    ] as const) {
      for (const headers of [
        { Origin: 'https://evil.example' },
        { Origin: 'null' },
        { 'Sec-Fetch-Site': 'cross-site' },
        { 'Sec-Fetch-Site': 'same-site', Origin: 'http://127.0.0.1:1' },
      ]) {
        const answer = await send(
          method,
          path,
          { Host: own, 'content-type': 'application/json', ...headers },
          body,
        );
        assert.equal(statusOf(answer), 403, `${method} ${path} ${JSON.stringify(headers)}`);
        assert.match(answer, /ASDLC_FOREIGN_ORIGIN/);
      }
    }
    const { body: queue } = await request(`${orchestrator.url}/api/queue`);
    assert.deepEqual([queue.paused, queue.tasks.waiting], [false, 0]);
    const { status } = await post(`${orchestrator.url}/api/tasks`, echo, {
      Origin: orchestrator.url,
      'Sec-Fetch-Site': 'same-origin',
    });
    assert.equal(status, 202);
  });

  it('can read nothing by DNS rebinding, of either service', async () => {
    for (const path of [
      '/api/tasks',
      '/api/queue',
      '/metrics',
      '/',
      '/openapi.json',
      '/api/metrics/services',
      '/nope',
    ]) {
      const answer = await send('GET', path, { Host: 'evil.example' });
      assert.equal(statusOf(answer), 403, path);
      assert.match(answer, /ALLOWED_HOSTS/);
    }
    const ofWorkers = await sendText(
      workers.port,
      'GET /stats HTTP/1.1\r\nHost: evil.example\r\nconnection: close\r\n\r\n',
    );
    assert.equal(statusOf(ofWorkers), 403);
    for (const host of [
      'localhost',
      `127.0.0.1:${orchestrator.port}`,
      '[::1]',
      'asdlc.example',
      'orchestrator',
    ]) {
      assert.equal(statusOf(await send('GET', '/api/tasks', { Host: host })), 200, host);
    }
  });

  it('get answers with headers that protect them, whatever is asked', async () => {
    const { url } = orchestrator;
    for (const path of ['/api/tasks', '/api/queue', '/metrics', '/', '/docs', '/nope', '/api/metrics/nope']) {
      const { headers } = await request(`${url}${path}`);
      assert.equal(headers.get('x-content-type-options'), 'nosniff', path);
    }
    assert.equal((await request(`${url}/api/tasks`)).headers.get('cache-control'), 'no-store');
    const docs = await request(`${url}/docs/`);
    const policy = docs.headers.get('content-security-policy') ?? '';
    assert.match(policy, /^default-src 'self'.*frame-ancestors 'none'$/);
    assert.doesNotMatch(policy, /https?:|upgrade|unsafe|swagger\.io/);
    const odd = ['GET /%zz', 'GET /api/metrics/%zz', 'GET /\x01', `GET /${'x'.repeat(20_000)}`];
    for (const start of odd) {
      const answer = await sendText(
        orchestrator.port,
        `${start} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`,
      );
      assert.match(
        answer,
        /^HTTP\/1\.1 4\d\d [\s\S]*\r\nx-content-type-options: nosniff\r\n/,
        start.slice(0, 30),
      );
    }
    const page = await request(`${url}/nope`, { headers: { accept: 'text/html,*/*;q=0.8' } });
    assert.equal(page.status, 404);
    assert.match(page.body, /<h1>There is no such page<\/h1>/);
    assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'none'/);
  });

  it('get a JSON body also from what Node itself would refuse without one', async () => {
    const missing = await sendText(orchestrator.port, 'GET /api/tasks HTTP/1.1\r\nconnection: close\r\n\r\n');
    assert.equal(statusOf(missing), 400);
    assert.match(missing, /"ASDLC_INPUT_INVALID","message":"expected a Host header; got none"/);
    const expecting = await send('POST', '/api/tasks', { Host: 'localhost', Expect: 'a miracle' });
    assert.equal(statusOf(expecting), 417);
    assert.match(expecting, /x-content-type-options: nosniff[\s\S]*"ASDLC_EXPECTATION_FAILED"/);
  });

  it('are told what was expected, also by what Fastify refuses', async () => {
    const long = 'a'.repeat(300);
    const large = 'a'.repeat(1024 * 1024 + 1);
    for (const [method, path, body] of [
      ['GET', '/api/tasks/%zz'],
      ['GET', '/api/metrics/label/%ff/values'],
      ['GET', `/api/tasks/${long}`],
      ['GET', `/api/metrics/label/${long}/values`],
      ['GET', '/api/tasks/'],
      ['GET', '/api/tasks?limit=0'],
      ['POST', '/api/tasks', large],
      ['POST', '/api/metrics/query', large],
    ] as const) {
      const type = path.startsWith('/api/metrics') ? 'application/x-www-form-urlencoded' : 'application/json';
      const init = { method, ...(body && { body, headers: { 'content-type': type } }) };
      const { body: answer } = await request(`${orchestrator.url}${path}`, init);
      assert.match(answer.message ?? answer.error, /: expected (?!NOT).+; got /, path.slice(0, 50));
    }
  });

  it('cannot make a route read a body that it does not take', async () => {
    const body = 'x'.repeat(3_000_000);
    const headers = { ...JSON_TYPE };
    const { status } = await request(`${orchestrator.url}/api/tasks/none`, {
      method: 'DELETE',
      headers,
      body,
    });
    assert.equal(status, 404);
  });
});

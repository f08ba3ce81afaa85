import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { digestOf } from '../../src/shared/service/access/tokens.ts';
import { findSample, post, request } from '../support/http.ts';
import {
  type RunningServer,
  startOrchestrator,
  startRedis,
  startWorkers,
  temporaryFolder,
} from '../support/processes.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const echo = JSON.stringify({ event_type: 'echo' });

/** Sends text as it is and returns all that comes back: fetch would set Host and Origin itself. */
async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk) => {
    answer += String(chunk);
  });
  socket.write(text);
  await once(socket, 'close');
  return answer;
}

const statusOf = (answer: string) => Number(answer.split(' ', 2)[1]);

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
    return raw(orchestrator.port, text);
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
    const ofWorkers = await raw(
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
      const answer = await raw(
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
    const missing = await raw(orchestrator.port, 'GET /api/tasks HTTP/1.1\r\nconnection: close\r\n\r\n');
    assert.equal(statusOf(missing), 400);
    assert.match(missing, /"ASDLC_INPUT_INVALID","message":"expected a Host header; got none"/);
    const expecting = await send('POST', '/api/tasks', { Host: 'localhost', Expect: 'a miracle' });
    assert.equal(statusOf(expecting), 417);
    assert.match(expecting, /x-content-type-options: nosniff[\s\S]*"ASDLC_EXPECTATION_FAILED"/);
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

describe('named tokens', () => {
  const scope = suiteScope();
  let orchestrator: RunningServer;
  let path = '';

  const entry = (name: string, token: string, scopes: string[]) => ({
    name,
    sha256: digestOf(token).toString('hex'),
    scopes,
  });
  const publish = (...tokens: object[]) => writeFileSync(path, JSON.stringify({ tokens }));
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const ask = (method: string, route: string, token?: string, body?: string) =>
    request(`${orchestrator.url}${route}`, {
      method,
      headers: { ...(body && JSON_TYPE), ...(token && bearer(token)) },
      ...(body && { body }),
    });

  before(async () => {
    path = join(await temporaryFolder(scope), 'tokens.yml');
    publish(
      entry('grafana', 'token-of-grafana', ['metrics:read']),
      entry('ci', 'token-of-ci', ['tasks:read', 'tasks:write']),
      entry('viewer', 'token-of-viewer', ['tasks:read']),
    );
    const redis = await startRedis(scope);
    orchestrator = await startOrchestrator(scope, {
      REDIS_URL: redis.url,
      API_TOKEN: 'token-of-root',
      API_TOKENS_FILE: path,
    });
  });

  it('may do what their scopes say, on every route', async () => {
    const task = JSON.stringify({ event_type: 'echo', payload: 'a secret text' });
    const routes = [
      ['GET', '/api/tasks', 'tasks:read'],
      ['GET', '/api/tasks/none', 'tasks:read'],
      ['GET', '/api/queue', 'tasks:read'],
      ['POST', '/api/tasks', 'tasks:write', task],
      ['POST', '/api/tasks/batch', 'tasks:write', `{"tasks":[${task}]}`],
      ['DELETE', '/api/tasks/none', 'tasks:write'],
      ['POST', '/api/tasks/none/retry', 'tasks:write'],
      ['POST', '/api/queue/pause', 'queue:admin'],
      ['POST', '/api/queue/resume', 'queue:admin'],
      ['GET', '/api/metrics/panels', 'metrics:read'],
      ['GET', '/api/metrics/query?query=', 'metrics:read'],
    ] as const;
    const scopes: Record<string, string[]> = {
      grafana: ['metrics:read'],
      ci: ['tasks:read', 'tasks:write'],
      viewer: ['tasks:read'],
      root: ['metrics:read', 'tasks:read', 'tasks:write', 'queue:admin'],
    };
    for (const [method, route, scope, body] of routes) {
      for (const [name, has] of Object.entries(scopes)) {
        const { status } = await ask(method, route, `token-of-${name}`, body);
        const isRefused = status === 401 || status === 403;
        assert.equal(isRefused, !has.includes(scope), `${name}: ${method} ${route} answered ${status}`);
      }
      assert.equal(
        (await ask(method, route, undefined, body)).status,
        401,
        `${method} ${route} without a token`,
      );
    }
  });

  it('guard what needs one, so that DNS rebinding reads only the rest by it: not /metrics without METRICS_TOKEN', async () => {
    const read = async (route: string) => {
      const text = `GET ${route} HTTP/1.1\r\nHost: public.example\r\nconnection: close\r\n\r\n`;
      return statusOf(await raw(orchestrator.port, text));
    };
    assert.deepEqual([await read('/metrics'), await read('/api/tasks')], [403, 401]);
  });

  it('are told what they may do', async () => {
    const { body } = await ask('GET', '/api/access', 'token-of-ci');
    assert.deepEqual(body, { name: 'ci', scopes: ['tasks:read', 'tasks:write'], labels: {} });
    assert.equal((await ask('GET', '/api/access')).status, 401);
  });

  it('leave one audit line for each call that changes something, without payload or token', async () => {
    await ask('POST', '/api/queue/pause', 'token-of-root');
    await ask('POST', '/api/queue/resume', 'token-of-root');
    await ask('POST', '/api/queue/pause', 'token-of-viewer');
    await ask('POST', '/api/queue/pause');
    const lines = () =>
      orchestrator
        .output()
        .split('\n')
        .filter((line) => line.includes('"msg":"audit"'))
        .map((line) => JSON.parse(line));
    await until('the lines are written', () =>
      lines().some(({ action, token }) => action === 'queue.pause' && token === 'viewer'),
    );
    const submitted = lines().filter(({ action, status }) => action === 'task.submit' && status === 202);
    assert.deepEqual(
      submitted.map(({ token }) => token),
      ['ci', 'API_TOKEN', 'ci', 'API_TOKEN'],
    );
    assert.match(submitted[0].task_id, /^[0-9a-f-]{36}$/);
    assert.deepEqual([submitted[2].task_count, submitted[0].address], [1, '127.0.0.1']);
    const last = lines().findLast(({ action }) => action === 'queue.pause');
    assert.deepEqual([last.token, last.status], ['viewer', 403]);
    const paused = lines().findLast(({ action, status }) => action === 'queue.pause' && status === 200);
    assert.deepEqual([paused.token, paused.queue], ['API_TOKEN', 'tasks']);
    assert.doesNotMatch(orchestrator.output(), /a secret text|token-of-/);
    const { body } = await ask('GET', '/metrics');
    const labels = { action: 'task.submit', result: 'done' };
    assert.equal(findSample(body, 'asdlc_state_changes_total', labels), 4);
  });

  it('leave such a line and count for every operation that the OpenAPI document says may change something', async () => {
    const { body: document } = await ask('GET', '/openapi.json');
    const changes = Object.entries<Record<string, object>>(document.paths)
      .filter(([route]) => !route.startsWith('/api/metrics/'))
      .flatMap(([route, methods]) =>
        Object.keys(methods).map((method) => [method.toUpperCase(), route] as const),
      )
      .filter(([method]) => !['GET', 'HEAD', 'OPTIONS'].includes(method));
    assert.ok(changes.length >= 6, `${changes}`);
    const lines = () => orchestrator.output().split('"msg":"audit"').length - 1;
    const counted = async () => {
      const { body } = await ask('GET', '/metrics');
      const samples = [...String(body).matchAll(/^asdlc_state_changes_total\{.*\} (\d+)$/gm)];
      return samples.reduce((sum, [, value]) => sum + Number(value), 0);
    };
    for (const [method, route] of changes) {
      const [before, countedBefore] = [lines(), await counted()];
      await ask(method, route.replace('{id}', 'none'), 'token-of-root');
      await until(
        `${method} ${route} is audited`,
        async () => lines() > before && (await counted()) > countedBefore,
      );
      assert.deepEqual([lines() - before, (await counted()) - countedBefore], [1, 1], `${method} ${route}`);
    }
  });

  it('take effect when the file changes, and stay when it is broken', async () => {
    publish(entry('new', 'token-of-new', ['tasks:read']));
    await until(
      'the new one is valid',
      async () => (await ask('GET', '/api/tasks', 'token-of-new')).status === 200,
    );
    assert.equal((await ask('GET', '/api/tasks', 'token-of-ci')).status, 401);
    assert.equal((await ask('GET', '/api/tasks', 'token-of-root')).status, 200);
    writeFileSync(path, 'tokens: [');
    await until('it is logged', () =>
      orchestrator.output().includes('API_TOKENS_FILE has changed and cannot be used'),
    );
    assert.equal((await ask('GET', '/api/tasks', 'token-of-new')).status, 200);
  });
});

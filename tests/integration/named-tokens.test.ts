import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { digestOf } from '../../src/shared/service/access/tokens.ts';
import { findSample, request } from '../support/http.ts';
import { type RunningServer, startOrchestrator, startRedis, temporaryFolder } from '../support/processes.ts';
import { sendText, statusOf } from '../support/raw-http.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

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
      ['GET', '/api/event-types', 'tasks:read'],
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
      return statusOf(await sendText(orchestrator.port, text));
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
    await until('the lines are written', () => {
      const pauses = lines().filter(({ action }) => action === 'queue.pause');
      const done = pauses.findLastIndex(({ token }) => token === 'API_TOKEN');
      return done >= 0 && pauses.slice(done).some(({ token }) => token === 'viewer'); // an earlier test has one too
    });
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

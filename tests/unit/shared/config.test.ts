import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import {
  childEnvironment,
  loadLocalStackConfig,
  loadOrchestratorConfig,
  loadWorkersConfig,
  withoutCredentials,
} from '../../../src/shared/config.ts';

describe('configuration', () => {
  it('has a default for every variable that must have a value', () => {
    const orchestrator = loadOrchestratorConfig({});
    assert.deepEqual([orchestrator.SERVICE_PORT, orchestrator.SERVICE_HOST], [8080, '127.0.0.1']);
    assert.deepEqual(
      [orchestrator.VICTORIAMETRICS_QUERY_TIMEOUT, orchestrator.VICTORIAMETRICS_HEALTH_TIMEOUT],
      [30, 5],
    );
    assert.equal(orchestrator.API_TOKEN, undefined);
    const workers = loadWorkersConfig({});
    assert.deepEqual([workers.SERVICE_PORT, workers.WORKER_POOL_SIZE], [8081, 10]);
    assert.equal(loadLocalStackConfig({}).REDIS_URL, undefined);
  });

  it('reads numbers and treats an empty variable as unset', () => {
    const config = loadWorkersConfig({
      WORKER_POOL_SIZE: '4',
      HANDLER_TIMEOUT: '0.5',
      METRICS_TOKEN: '',
      LOG_LEVEL: '',
    });
    assert.deepEqual([config.WORKER_POOL_SIZE, config.HANDLER_TIMEOUT, config.LOG_LEVEL], [4, 0.5, 'info']);
    assert.equal(config.METRICS_TOKEN, undefined);
  });

  it('names each bad variable, what it expected and what it got', () => {
    assert.throws(
      () => loadWorkersConfig({ WORKER_POOL_SIZE: '0', LOG_LEVEL: 'loud', SERVICE_PORT: '99999' }),
      {
        code: 'ASDLC_CONFIG_INVALID',
        message: [
          'Invalid configuration:',
          '  SERVICE_PORT: expected a port from 1 to 65535, or 0 for any free port; got "99999"',
          '  LOG_LEVEL: expected one of fatal, error, warn, info, debug, trace, silent; got "loud"',
          '  WORKER_POOL_SIZE: expected a whole number from 1 to 1000; got "0"',
        ]
          .toSorted()
          .toSorted((a, b) => Number(a.startsWith(' ')) - Number(b.startsWith(' ')))
          .join('\n'),
      },
    );
  });

  it('does not show the value of a bad secret', () => {
    assert.throws(
      () => loadOrchestratorConfig({ API_TOKEN: 'sécrét' }),
      (error: Error) => {
        assert.match(
          error.message,
          /API_TOKEN: expected 8 or more printable ASCII characters without spaces; got another value \(not shown/,
        );
        return !error.message.includes('sécrét');
      },
    );
  });

  it('takes the address of a trace only with {trace_id} behind the host', () => {
    for (const good of [
      'https://jaeger.example/trace/{trace_id}',
      'http://grafana:3000/explore?left={"queries":[{"query":"{trace_id}"}]}',
      'http://zipkin:9411/#/{trace_id}',
    ]) {
      assert.equal(loadOrchestratorConfig({ TRACE_URL_TEMPLATE: good }).TRACE_URL_TEMPLATE, good);
    }
    for (const bad of [
      'https://jaeger.example/trace/',
      'ftp://jaeger.example/{trace_id}',
      'javascript:alert("{trace_id}")',
      'https://{trace_id}.example/',
      'https://jaeger.example:port/{trace_id}',
      'https://jaeger.example/ {trace_id}',
    ]) {
      assert.throws(() => loadOrchestratorConfig({ TRACE_URL_TEMPLATE: bad }), {
        message: `Invalid configuration:\n  TRACE_URL_TEMPLATE: expected http(s)://host[:port]/… with {trace_id}, such as https://jaeger.example/trace/{trace_id}; got ${JSON.stringify(bad)}`,
      });
    }
  });

  it('accepts only addresses and networks as trusted proxies', () => {
    for (const good of ['10.0.0.0/8,127.0.0.1', '::1', 'fd00::/8']) {
      assert.equal(loadOrchestratorConfig({ TRUSTED_PROXIES: good }).TRUSTED_PROXIES, good);
    }
    for (const bad of [
      'abc',
      '10.0.0.0/33',
      '10.0.0.1/',
      '10.0.0.0/8/8',
      '10.0.0.1, ::1',
      'localhost',
      'true',
    ]) {
      const message = /TRUSTED_PROXIES: expected addresses or networks .* got/;
      assert.throws(() => loadOrchestratorConfig({ TRUSTED_PROXIES: bad }), { message });
    }
  });

  it('refuses one port for both services, unless it is 0', () => {
    const message =
      'Invalid configuration:\n  ORCHESTRATOR_PORT, WORKERS_PORT: expected two different ports; got 8081 for both';
    assert.throws(() => loadLocalStackConfig({ ORCHESTRATOR_PORT: '8081' }), {
      code: 'ASDLC_CONFIG_INVALID',
      message,
    });
    assert.equal(loadLocalStackConfig({ ORCHESTRATOR_PORT: '0', WORKERS_PORT: '0' }).WORKERS_PORT, 0);
  });

  it('reads a secret from the file that its _FILE form names, and refuses both forms together', (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'asdlc-secret-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'secret');
    writeFileSync(path, 'redis://:pass@127.0.0.1:6380\n');
    assert.equal(loadWorkersConfig({ REDIS_URL_FILE: path }).REDIS_URL, 'redis://:pass@127.0.0.1:6380');
    assert.throws(() => loadWorkersConfig({ REDIS_URL_FILE: path, REDIS_URL: 'redis://127.0.0.1' }), {
      message: /REDIS_URL: expected REDIS_URL or REDIS_URL_FILE; got both/,
    });
    assert.throws(() => loadOrchestratorConfig({ API_TOKEN_FILE: join(folder, 'none') }), {
      message: /API_TOKEN_FILE: expected the path of a file that can be read; got ENOENT/,
    });
    writeFileSync(path, 'short');
    assert.throws(() => loadOrchestratorConfig({ API_TOKEN_FILE: path }), {
      message: /API_TOKEN: expected 8 or more/,
    });
  });

  it('gives a child process no file of a variable that it sets', () => {
    const environment = childEnvironment({ REDIS_URL: 'redis://127.0.0.1' });
    assert.deepEqual(
      [environment.REDIS_URL, environment.REDIS_URL_FILE, environment.PATH],
      ['redis://127.0.0.1', undefined, process.env.PATH],
    );
  });

  it('removes user, password and query from a URL', () => {
    assert.equal(withoutCredentials('rediss://me:secret@host:6380/2?a=b'), 'rediss://host:6380/2');
    assert.equal(withoutCredentials('http://host:8428/'), 'http://host:8428');
  });
});

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { metricsHandler } from '../../../../../src/infrastructure/metrics/http/node-http.ts';
import { Counter } from '../../../../../src/infrastructure/metrics/instruments/counter.ts';
import { MetricsRegistry } from '../../../../../src/infrastructure/metrics/registry.ts';
import { runLint, USAGE } from '../../../../../src/infrastructure/metrics/testing/lint-command.ts';

const CLEAN = '# HELP a A.\n# TYPE a gauge\na 1\n';

async function lint(args: readonly string[], input = '') {
  const output = { stdout: '', stderr: '' };
  const code = await runLint(args, {
    stdin: Readable.from([input]),
    stdout: { write: (text: string) => (output.stdout += text) },
    stderr: { write: (text: string) => (output.stderr += text) },
  });
  return { code, ...output };
}

test('says nothing about a clean exposition', async () => {
  assert.deepEqual(await lint(['-'], CLEAN), { code: 0, stdout: '', stderr: '' });
});

test('prints each finding with its place and rule', async () => {
  assert.deepEqual(await lint(['-'], `${CLEAN}a 2\n`), {
    code: 1,
    stdout: 'stdin: line 4: expected each series once; got a of line 3 again (error: duplicate-series)\n',
    stderr: '',
  });
});

test('prints the findings as JSON', async () => {
  const { code, stdout } = await lint(['--json', '-'], `${CLEAN}jobs 2\n`);
  assert.equal(code, 1);
  const place = { severity: 'advice', line: 4, metric: 'jobs' };
  assert.deepEqual(JSON.parse(stdout), [
    {
      source: 'stdin',
      findings: [
        { rule: 'help', ...place, expected: 'a HELP text of jobs', got: 'none' },
        { rule: 'type', ...place, expected: 'a TYPE of jobs', got: 'untyped' },
      ],
    },
  ]);
});

test('ends with 2 and the reason when it cannot read', async () => {
  const refusals: [string[], RegExp][] = [
    [['/no/such/file'], /^metrics-lint: ENOENT/],
    [[], /^metrics-lint: expected one FILE, URL or -; got 0/],
    [['a', 'b'], /got 2/],
    [['--wrong', '-'], /--wrong/],
    [['--format', 'xml', '-'], /expected --format text or openmetrics; got xml/],
    [['--timeout', '0', '-'], /expected --timeout above 0 and up to 3600; got 0/],
    [['http://127.0.0.1:1/metrics'], /^metrics-lint: fetch failed/],
  ];
  for (const [args, message] of refusals) {
    const { code, stdout, stderr } = await lint(args);
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.match(stderr, message);
  }
});

test('asks a URL for both formats', async (t) => {
  const registry = new MetricsRegistry();
  const asked: (string | undefined)[] = [];
  const handle = metricsHandler({ registry, service: 'lint' });
  const server = createServer((request, response) => {
    asked.push(request.headers.accept?.split(';')[0]);
    if (request.url === '/metrics') return handle(request, response);
    if (request.url === '/page') response.setHeader('content-type', 'text/html');
    else response.statusCode = 503;
    return response.end('<p>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  assert.deepEqual(await lint([`${base}/metrics`]), { code: 0, stdout: '', stderr: '' });
  assert.deepEqual(asked.splice(0), ['text/plain', 'application/openmetrics-text']);
  new Counter({ name: 'jobs_ms_total', help: 'J.', registers: [registry] });
  const { code, stdout } = await lint([`${base}/metrics`]);
  assert.equal(code, 1);
  assert.match(stdout, /\(text\): line .*jobs_ms_total[\s\S]*\(openmetrics\): line .*jobs_ms/);
  const page = await lint([`${base}/page`]);
  assert.match(page.stderr, /expected the content type of an exposition .* got text\/html/);
  assert.match((await lint([`${base}/none`])).stderr, /expected status 200 of .*; got 503/);
});

test('runs as a program', async () => {
  const program = new URL('../../../../../src/infrastructure/metrics/metrics-lint.ts', import.meta.url);
  const run = (args: readonly string[], input: string) =>
    new Promise<{ code: unknown; stdout: string }>((resolve) => {
      const child = execFile(
        process.execPath,
        [program.pathname, ...args],
        { maxBuffer: 2 ** 24 },
        (error, stdout) => {
          resolve({ code: error?.code ?? 0, stdout });
        },
      );
      child.stdin?.end(input);
    });
  assert.deepEqual(await run(['--help'], ''), { code: 0, stdout: USAGE });
  const { code, stdout } = await run(['-'], 'a 1\n'.repeat(50_000));
  assert.equal(code, 1);
  assert.equal(stdout.split('\n').length, 50_002);
});

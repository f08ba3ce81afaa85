import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ProgramOptions, program } from '../../../examples/handlers/program.ts';
import { identifyProcess } from '../../../src/local-stack/processes/process-identity.ts';
import { until } from '../../support/until.ts';
import { taskContext } from './task-context.ts';

const READ_TASK = "const task = JSON.parse(require('fs').readFileSync(0, 'utf8'));";

test('writes the task as JSON to standard input and returns the JSON of standard output', async () => {
  const result = await run(`${READ_TASK} console.log(JSON.stringify({ got: task }))`, {
    payload: { a: 'ü' },
  });
  assert.deepEqual(result, {
    got: { id: 'task-1', event_type: 'test.event', attempt: 1, payload: { a: 'ü' } },
  });
});

test('passes the arguments unchanged, without a shell', async () => {
  const command = [
    process.execPath,
    '-p',
    'JSON.stringify(process.argv.slice(1))',
    '--',
    '$HOME; echo x',
    '*',
  ];
  assert.deepEqual(await program({ ...limits, command })(taskContext({})), ['$HOME; echo x', '*']);
});

test('passes PATH, HOME, LANG and the given variables, and no others', async (t) => {
  process.env.ASDLC_TEST_SECRET = 'hidden';
  t.after(() => delete process.env.ASDLC_TEST_SECRET);
  const names = (await run('console.log(JSON.stringify(Object.keys(process.env)))', {
    options: { env: { GIVEN: '1' } },
  })) as string[]; // what the program prints
  assert.deepEqual(
    names.filter((name) => !['PATH', 'HOME', 'LANG'].includes(name)),
    ['GIVEN'],
  );
});

test('returns null for no output', async () => {
  assert.equal(await run(''), null);
});

test('accepts a program that does not read its input', async () => {
  assert.equal(await run('console.log(7); process.exit(0)', { payload: 'x'.repeat(1_000_000) }), 7);
});

test('fails with the exit code and the end of standard error', async () => {
  await assert.rejects(
    run("console.error('x'.repeat(5000) + ' it went wrong'); process.exitCode = 3"),
    (error: Error) =>
      /ended with exit code 3: x+ it went wrong$/.test(error.message) && error.message.length < 2_500,
  );
});

test('fails with the signal that ended the program', async () => {
  await assert.rejects(run("process.kill(process.pid, 'SIGKILL')"), /ended with signal SIGKILL/);
});

test('fails on output that is not JSON, and shows it', async () => {
  await assert.rejects(run("console.log('hello')"), /expected JSON on standard output; got hello/);
});

test('throws a permanent error when the program does not exist', async () => {
  const handler = program({ ...limits, command: ['/no/such/program'] });
  await assert.rejects(Promise.resolve(handler(taskContext({}))), {
    retryable: false,
    message: /Cannot run \/no\/such\/program: .*ENOENT/,
  });
});

test('ends a program that prints too much', async () => {
  const endless = "const print = () => process.stdout.write('x'.repeat(10000), print); print()";
  await assert.rejects(run(endless, { options: { maxOutputBytes: 50_000 } }), {
    retryable: false,
    message: /expected at most 50000 bytes of output; got more/,
  });
});

test('ends a program and its children at the time limit', async (t) => {
  const pidFile = temporaryFile(t);
  const handler = program({ ...limits, timeoutMs: 1_000, command: withGrandchild(pidFile, 'wait') });
  await assert.rejects(
    Promise.resolve(handler(taskContext({}))),
    /expected its end within 1000 ms; it still ran/,
  );
  await assertGone(Number(readFileSync(pidFile, 'utf8')));
});

test('kills a program that ignores SIGTERM', async () => {
  const stubborn = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)";
  await assert.rejects(
    run(stubborn, { options: { timeoutMs: 500, killAfterMs: 100 } }),
    /expected its end within/,
  );
});

test('ends a program and its children when the attempt is aborted', async (t) => {
  const abort = new AbortController();
  const pidFile = temporaryFile(t);
  const handler = program({ ...limits, command: withGrandchild(pidFile, 'wait') });
  const result = Promise.resolve(handler(taskContext({}, abort.signal)));
  while (!existsSync(pidFile)) await sleep(10);
  abort.abort(new Error('stopping'));
  await assert.rejects(result, /stopping/);
  await assertGone(Number(readFileSync(pidFile, 'utf8')));
});

test('does not wait for children that an ended program left behind', async (t) => {
  const pidFile = temporaryFile(t);
  const handler = program({ ...limits, command: withGrandchild(pidFile, 'echo 1') });
  assert.equal(await handler(taskContext({})), 1);
  await assertGone(Number(readFileSync(pidFile, 'utf8')));
});

const limits = { timeoutMs: 10_000, maxOutputBytes: 1_000_000 };

async function run(
  script: string,
  {
    payload = {},
    options = {},
    signal,
  }: { payload?: unknown; options?: Partial<ProgramOptions>; signal?: AbortSignal } = {},
): Promise<unknown> {
  const handler = program({ ...limits, command: [process.execPath, '-e', script], ...options });
  return handler(taskContext(payload, signal));
}

/**
 * Returns a command that starts a child, writes the child's id to the file, and runs `then`. The child keeps the standard
 * output open.
 */
function withGrandchild(pidFile: string, then: string): string[] {
  return ['sh', '-c', `sleep 60 & echo $! > "$0.new"; mv "$0.new" "$0"; ${then}`, pidFile];
}

function temporaryFile(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'asdlc-program-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'pid');
}

async function assertGone(pid: number): Promise<void> {
  await until(`process ${pid} is ended`, () => identifyProcess(pid) === undefined);
}

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { packageVersion } from '../../src/shared/package.ts';
import { type CliOptions, runCli } from '../support/cli.ts';
import {
  freePort,
  REPOSITORY,
  type RunningServer,
  startOrchestrator,
  startProcess,
  startRedis,
  startWorkers,
} from '../support/processes.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

const COMMANDS = [
  'init',
  'start',
  'orchestrator',
  'workers',
  'submit',
  'tasks',
  'task',
  'retry',
  'cancel',
  'pause',
  'resume',
  'doctor',
];

describe('asdlc', () => {
  it('lists its commands, and says what each takes', async () => {
    const { code, out } = await runCli(['--help']);
    assert.equal(code, 0);
    for (const name of COMMANDS) assert.match(out, new RegExp(`^  ${name} `, 'm'));
    const helps = await Promise.all(COMMANDS.map((name) => runCli([name, '--help'])));
    for (const [i, help] of helps.entries()) {
      assert.equal(help.code, 0, help.err);
      assert.match(help.out, new RegExp(`^usage: asdlc ${COMMANDS[i]}`));
      assert.match(help.out, /--help/);
    }
  });

  it('prints its version', async () => {
    assert.deepEqual(await runCli(['--version']), { code: 0, out: `${packageVersion()}\n`, err: '' });
  });

  for (const [args, message] of [
    [[], /^usage: asdlc COMMAND/],
    [['tsks'], /expected a command; got "tsks"\. Did you mean tasks\?/],
    [
      ['tasks', '--stauts', 'dead'],
      /Unknown option '--stauts'\. Did you mean --status\? See: asdlc tasks --help/,
    ],
    [['task'], /asdlc task: expected ID; got nothing/],
    [['pause', 'now'], /asdlc pause: expected no arguments; got now/],
    [['submit', 'echo', '{'], /expected a payload in JSON/],
    [['submit', 'echo', '--priority', 'high'], /--priority: expected a whole number; got "high"/],
  ] as const) {
    it(`exits with 2 for the wrong usage: asdlc ${args.join(' ')}`, async () => {
      const { code, out, err } = await runCli(args);
      assert.equal(code, 2);
      assert.match(`${out}${err}`, message);
    });
  }

  it('exits with 2 for a bad ASDLC_URL', async () => {
    const { code, err } = await runCli(['tasks'], { env: { ASDLC_URL: 'localhost' } });
    assert.equal(code, 2);
    assert.match(err, /ASDLC_URL: expected http\(s\):\/\/host/);
  });

  it('exits with 3 when nothing answers', async () => {
    const { code, err } = await runCli(['pause'], {
      env: { ASDLC_URL: `http://127.0.0.1:${await freePort()}` },
    });
    assert.equal(code, 3);
    assert.match(err, /ECONNREFUSED/);
  });
});

describe('asdlc, with an orchestrator', () => {
  const scope = suiteScope();
  const token = 'token-of-the-cli';
  let api: RunningServer;
  const cli = (args: readonly string[], options: CliOptions = {}) =>
    runCli(args, { ...options, env: { ASDLC_URL: api.url, ASDLC_TOKEN: token, ...options.env } });
  const json = async (args: readonly string[]) => {
    const { code, out, err } = await cli([...args, '--json']);
    assert.equal(code, 0, err);
    return JSON.parse(out);
  };

  before(async () => {
    const { url: REDIS_URL } = await startRedis(scope);
    api = await startOrchestrator(scope, { REDIS_URL, API_TOKEN: token });
    await startWorkers(scope, { REDIS_URL });
  });

  it('submits a task, and shows it', async () => {
    const { id } = await json(['submit', 'echo', '{"a": 1}', '--key', 'a', '--priority', '2']);
    assert.equal((await json(['submit', 'echo', '{"a": 1}', '--key', 'a'])).id, id);
    const { code, out } = await cli(['task', id, '--follow']);
    assert.equal(code, 0);
    assert.match(out, new RegExp(`^id +${id}$`, 'm'));
    assert.match(out, /^status +completed$/m);
    assert.match(out, /^payload +\{"a":1\}$/m);
    assert.equal((await json(['task', id])).priority, 2);
  });

  it('follows a task to its end, and exits with 5 when it is dead', async () => {
    const done = await cli(['submit', 'echo', '-', '--follow', '--json'], { input: '["from", "a pipe"]' });
    assert.equal(done.code, 0, done.err);
    assert.deepEqual(JSON.parse(done.out).result.payload, ['from', 'a pipe']);
    const dead = await cli(['submit', 'fail.for-good', '--follow']);
    assert.equal(dead.code, 5);
    assert.match(dead.out, /^error +no use$/m);
    assert.match(dead.err, /^submitted /m);
  });

  it('sends numbers as they are written: the orchestrator refuses what it cannot keep', async () => {
    const { code, err } = await cli(['submit', 'echo', '{"id": 12345678901234567890}']);
    assert.equal(code, 1);
    assert.match(err, /12345678901234567890/);
    assert.equal((await json(['submit', 'echo', '1.50'])).status, 'queued');
  });

  it('warns of an event type that nobody handles', async () => {
    await until('the orchestrator knows the worker', async () => {
      const { code, err } = await cli(['submit', 'nobody.handles', '--delay-ms', '60000']);
      return code === 0 && /^warning: unknown-event-type/.test(err);
    });
  });

  it('lists tasks by status and type, page by page', async () => {
    for (const _ of [1, 2]) await cli(['submit', 'fail.for-good', '--follow']);
    const { code, out, err } = await cli([
      'tasks',
      '--status',
      'dead',
      '--type',
      'fail.for-good',
      '--limit',
      '1',
    ]);
    assert.equal(code, 0);
    assert.match(
      out,
      /^STATUS +TYPE +ATTEMPTS +AGE +ID +ERROR\ndead +fail\.for-good +1\/3 +\d+ s +\S+ +no use\n$/,
    );
    const cursor = /--cursor (\S+)/.exec(err)?.[1] ?? '';
    const page = await json(['tasks', '--status', 'dead', '--type', 'fail.for-good', '--cursor', cursor]);
    assert.ok(page.tasks.length >= 1);
    const wrong = await cli(['tasks', '--status', 'lost']);
    assert.equal(wrong.code, 1);
    assert.match(wrong.err, /expected one of queued, delayed/);
  });

  it('follows the list of tasks', async (t) => {
    const env = { ASDLC_URL: api.url, ASDLC_TOKEN: token };
    const args = [join(REPOSITORY, 'src/cli/main.ts'), 'tasks', '--follow', '--type', 'one'];
    const { output, stop } = startProcess(t, process.execPath, args, { env });
    const { id } = await json(['submit', 'one', '{"ms": 1}']);
    await until('the change is shown', () => output().includes(`completed  one  ${id}\n`));
    await stop('SIGINT');
  });

  it('retries dead tasks, and removes tasks', async () => {
    const dead = await cli(['submit', 'fail.for-good', '--follow', '--json']);
    const { id } = JSON.parse(dead.out);
    const retried = await cli(['retry', id, 'missing']);
    assert.equal(retried.code, 4);
    assert.match(retried.out, new RegExp(`fail\\.for-good  ${id}\n`));
    assert.match(retried.err, /^asdlc: missing: /);
    await cli(['task', id, '--follow']);
    assert.deepEqual(await json(['cancel', id]), { id, removed: true });
    assert.equal((await cli(['task', id])).code, 4);
  });

  it('pauses and resumes the queue', async () => {
    assert.deepEqual(await json(['pause']), { paused: true });
    const { out } = await cli(['resume']);
    assert.equal(out, 'The queue goes on: workers take tasks.\n');
  });

  it('exits with 1 without the token', async () => {
    const { code, err } = await cli(['tasks'], { env: { ASDLC_TOKEN: '' } });
    assert.equal(code, 1);
    assert.match(err, /with a valid token; got none/);
  });

  it('lints metrics', async () => {
    const { code, out, err } = await cli(['metrics-lint', `${api.url}/metrics`, '--ignore-names', 'nodejs_']);
    assert.deepEqual({ code, out, err }, { code: 0, out: '', err: '' });
  });

  it('runs the services in its own process', async (t) => {
    const { url: REDIS_URL } = await startRedis(t);
    const env = { REDIS_URL, SERVICE_PORT: '0' };
    const main = join(REPOSITORY, 'src/cli/main.ts');
    for (const service of ['orchestrator', 'workers']) {
      const { child, output, stop } = startProcess(t, process.execPath, [main, service], { env });
      await until(`${service} has started`, () => output().includes(`"${service} started"`));
      assert.equal(await stop('SIGTERM'), 0, output());
      assert.equal(child.signalCode, null);
    }
  });
});

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import type { Redis } from 'ioredis';
import { packageVersion } from '../../src/shared/package.ts';
import { type CliOptions, callCli, runCli } from '../support/cli.ts';
import { addHostileTask, suspectsIn } from '../support/hostile-task.ts';
import {
  freePort,
  REPOSITORY,
  type RunningServer,
  startOrchestrator,
  startProcess,
  startRedis,
  startWorkers,
} from '../support/processes.ts';
import { adminOf } from '../support/redis-servers.ts';
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
  'errors',
  'retry',
  'run',
  'cancel',
  'remove',
  'schedules',
  'pause',
  'resume',
  'doctor',
];

describe('asdlc', () => {
  it('lists its commands, and says what each takes', async () => {
    const { code, out } = await runCli(['--help']);
    assert.equal(code, 0);
    for (const name of COMMANDS) assert.match(out, new RegExp(`^  ${name} `, 'm'));
    const helps = await Promise.all(COMMANDS.map((name) => callCli([name, '--help'])));
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
    [['schedules', 'stop', 'a'], /expected one of pause, resume, run, remove; got "stop"/],
    [['schedules', 'run'], /asdlc schedules run: expected the id of a schedule; got none/],
    [['pause', 'now'], /asdlc pause: expected no arguments; got now/],
    [['submit', 'echo', '{'], /expected a payload in JSON/],
    [['submit', 'echo', '--priority', 'high'], /--priority: expected a whole number; got "high"/],
  ] as const) {
    it(`exits with 2 for the wrong usage: asdlc ${args.join(' ')}`, async () => {
      const { code, out, err } = await callCli(args);
      assert.equal(code, 2);
      assert.match(`${out}${err}`, message);
    });
  }

  it('exits with the code of the command, and keeps both outputs apart', async () => {
    const { code, out, err } = await runCli(['tsks']);
    assert.deepEqual([code, out], [2, '']);
    assert.match(err, /Did you mean tasks/);
  });

  it('exits with 2 for a bad ASDLC_URL', async () => {
    const { code, err } = await callCli(['tasks'], { env: { ASDLC_URL: 'localhost' } });
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
  let admin: Redis;
  const variables = () => ({ ASDLC_URL: api.url, ASDLC_TOKEN: token });
  const cli = (args: readonly string[], options: CliOptions = {}) =>
    callCli(args, { ...options, env: { ...variables(), ...options.env } });
  const json = async (args: readonly string[]) => {
    const { code, out, err } = await cli([...args, '--json']);
    assert.equal(code, 0, err);
    return JSON.parse(out);
  };

  before(async () => {
    const { url: REDIS_URL } = await startRedis(scope);
    admin = adminOf(scope, REDIS_URL);
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
    assert.match(
      out,
      /^AT +WHAT +OUTCOME +RAN +WORKER +ERROR\n\S+Z {2}attempt 1 {2}completed {2}[\d.]+ s {2}[\w-]{36}$/m,
    );
    assert.equal((await json(['task', id])).priority, 2);
  });

  it('follows a task to its end, and exits with 5 when it is dead', async () => {
    const done = await runCli(['submit', 'echo', '-', '--follow', '--json'], {
      env: variables(),
      input: '["from", "a pipe"]',
    });
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
    for (const args of [['tasks'], ['retry'], ['errors']]) {
      const wrong = await cli([...args, '--status', 'bad']);
      assert.equal(wrong.code, 2);
      assert.match(wrong.err, /--status: expected one of .*de.*; got "bad"/);
    }
  });

  it('finds tasks by id, error and time of submission', async () => {
    const { id } = JSON.parse((await cli(['submit', 'fail.for-good', '--follow', '--json'])).out);
    const ids = async (...args: string[]) =>
      (await json(['tasks', '--status', 'dead', ...args])).tasks.map((task: { id: string }) => task.id);
    assert.deepEqual(await ids('--id', id.slice(0, 20)), [id]);
    assert.deepEqual(await ids('--id', id, '--error', 'NO USE'), [id]);
    assert.deepEqual(await ids('--id', id, '--error', 'other'), []);
    assert.deepEqual(await ids('--id', id, '--after', '2020-01-01'), [id]);
    assert.deepEqual(await ids('--id', id, '--before', '2020-01-01'), []);
    const { code, err } = await cli(['tasks', '--after', 'yesterday']);
    assert.equal(code, 1);
    assert.match(err, /created_after: expected a time such as 2026/);
  });

  it('groups the errors of dead tasks', async () => {
    const { id } = JSON.parse((await cli(['submit', 'fail.for-good', '--follow', '--json'])).out);
    const { out } = await cli(['errors', '--type', 'fail.for-good']);
    assert.match(
      out,
      new RegExp(`^COUNT +TYPE +SINCE +EXAMPLE +ERROR\\n\\d+ +fail\\.for-good +\\d+ \\S+ +${id} +no use\\n$`),
    );
    assert.equal((await json(['errors', '--type', 'fail.for-good'])).groups[0].example, id);
    assert.deepEqual((await json(['errors', '--status', 'delayed', '--type', 'echo'])).groups, []);
  });

  it('makes delayed tasks due now, by id or by what they match', async () => {
    const later = async () => (await json(['submit', 'echo', '--delay-ms', '600000'])).id;
    const [one, two] = [await later(), await later()];
    assert.equal((await json(['run', one])).status, 'queued');
    assert.equal((await cli(['task', one, '--follow'])).code, 0);
    assert.equal((await cli(['run', one])).code, 1);
    const { out } = await cli(['run', '--type', 'echo', '--id', two]);
    assert.equal(out, 'matched: 1, done: 1, failed: 0\n');
    const shown = await cli(['task', two, '--follow']);
    assert.match(shown.out, / {2}made due now +by API_TOKEN\n/);
    const neither = await cli(['run']);
    assert.equal(neither.code, 2);
    assert.match(neither.err, /asdlc run: expected ids, or a filter such as --type; got neither/);
  });

  it('submits tasks with others before and after, and shows them', async () => {
    const children = JSON.stringify([{ event_type: 'echo', payload: 1 }]);
    const next = JSON.stringify([{ event_type: 'echo', payload: 2 }]);
    const submitted = await json(['submit', 'echo', '--children', children, '--next', next]);
    const shown = await cli(['task', submitted.next[0].id, '--follow']);
    assert.match(shown.out, new RegExp(`child +echo  ${submitted.id}  completed\n`));
    const { out } = await cli(['task', submitted.id]);
    assert.match(out, new RegExp(`parent +echo  ${submitted.next[0].id}  completed\n`));
    assert.match(out, new RegExp(`child +echo  ${submitted.children[0].id}  completed\n`));
    assert.match(out, new RegExp(`next +echo  ${submitted.next[0].id}  completed\n`));
    const wrong = await cli(['submit', 'echo', '--next', '[']);
    assert.match(wrong.err, /expected --next in JSON/);
  });

  it('submits no second task with --dedupe', async () => {
    const args = ['submit', 'echo', '--dedupe', 'cli', '--throttle-ms', '60000'];
    const { id } = await json(args);
    assert.deepEqual([(await json(args)).id, (await json(args)).deduplicated], [id, true]);
    const wrong = await cli(['submit', 'echo', '--throttle-ms', '5']);
    assert.match(wrong.err, /expected --dedupe with --throttle-ms and --debounce-ms; got none/);
  });

  it('follows the list of tasks', async (t) => {
    const env = variables();
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
    const { out } = await cli(['task', id, '--follow']);
    // Two processes note the times, a few ms apart: the order of lines of one moment is not sure.
    assert.equal(out.match(/ {2}attempt 1 .* {2}no use\n/g)?.length, 2, out);
    assert.match(out, / {2}retried +by \S+\n/);
    assert.deepEqual(await json(['remove', id]), { id, removed: true });
    assert.equal((await cli(['task', id])).code, 4);
  });

  it('retries, cancels and removes all tasks that match', async () => {
    for (const _ of [1, 2]) await cli(['submit', 'fail.for-good', '--follow']);
    const filter = ['--type', 'fail.for-good', '--error', 'NO USE'];
    const { out, err } = await cli(['retry', ...filter, '--dry-run']);
    assert.match(out, /^matched: \d+$/m);
    assert.match(err, /so far/);
    assert.ok((await json(['retry', ...filter])).done >= 2);
    const { id } = await json(['submit', 'echo', '--delay-ms', '60000']);
    assert.deepEqual((await json(['cancel', '--type', 'echo', '--status', 'delayed'])).done, 1);
    assert.equal((await json(['task', id])).status, 'dead');
    assert.match(
      (await cli(['remove', '--type', 'echo', '--status', 'dead'])).out,
      /^matched: 1, done: 1, failed: 0$/m,
    );
    for (const wrong of [['retry'], ['retry', id, '--type', 'echo']])
      assert.equal((await cli(wrong)).code, 2);
    assert.match((await cli(['remove', '--type', 'echo'])).err, /expected a status or ids/);
  });

  it('shows hostile texts with escapes, and as JSON that means the same', async () => {
    const id = await addHostileTask(api.url, admin, { authorization: `Bearer ${token}` });
    const calls = [
      ['task', id],
      ['tasks', '--status', 'dead'],
      ['errors'],
      ['retry', id],
      ['cancel', `${id}x`],
    ];
    for (const args of calls) {
      for (const more of args[0] === 'retry' ? [[]] : [[], ['--json']]) {
        const { out, err } = await cli([...args, ...more]);
        assert.deepEqual(suspectsIn(out + err), [], `${args[0]} ${more}: ${out}${err}`);
        assert.match(out + err, /\\u202egnp/, `${args[0]} ${more}`);
      }
    }
    await json(['remove', id]);
  });

  it('pauses and resumes the queue', async () => {
    assert.deepEqual(await json(['pause']), { paused: true });
    const { out } = await cli(['resume']);
    assert.equal(out, 'The queue goes on: workers take tasks.\n');
    assert.deepEqual(await json(['pause', '--type', 'echo']), { paused: true, event_type: 'echo' });
    const waiting = (await json(['submit', 'echo'])).id as string; // the API returns strings
    assert.match((await cli(['task', waiting])).out, /paused +since .* by/);
    const resumed = await cli(['resume', '--type', 'echo']);
    assert.equal(resumed.out, 'The event type echo goes on: workers take its tasks.\n');
    assert.match((await cli(['resume', '--type', 'typo'])).err, /no live worker handles the event type typo/);
  });

  it('lists schedules, pauses, resumes, runs and removes them', async () => {
    assert.equal((await cli(['schedules'])).err, 'no schedules\n');
    const { url } = api;
    const made = await fetch(`${url}/api/schedules/hourly`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ every_ms: 3_600_000, event_type: 'echo', payload: 1 }),
    });
    assert.equal(made.status, 201);
    assert.match((await cli(['schedules', 'pause', 'hourly'])).out, /^hourly +echo +every 1 h +paused +-$/m);
    assert.match(
      (await cli(['schedules', 'resume', 'hourly'])).out,
      /^hourly +echo +every 1 h +in \d+ (min|s) +-$/m,
    );
    const { id } = await json(['schedules', 'run', 'hourly']);
    await cli(['task', String(id), '--follow']);
    assert.match((await cli(['schedules'])).out, /^ID +TYPE +WHEN +NEXT +LAST\nhourly .* ago, \w+$/m);
    const { schedules } = await json(['schedules']);
    assert.equal((schedules as { runs: number }[])[0]?.runs, 1);
    assert.equal((await cli(['schedules', 'remove', 'hourly'])).out, 'removed  hourly\n');
    assert.equal((await cli(['schedules', 'run', 'hourly'])).code, 4);
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

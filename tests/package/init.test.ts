import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { parse } from 'yaml';
import { post, request, taskIn } from '../support/http.ts';
import { LocalStackFolder, queryLocalTsdb } from '../support/local-stack-process.ts';
import { createProject, packAsdlc, run } from '../support/packages.ts';
import { REPOSITORY, temporaryFolder } from '../support/processes.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

const FILES = [
  '.dockerignore',
  '.gitignore',
  'Dockerfile',
  'README.md',
  'compose.yml',
  'handlers.test.ts',
  'handlers.ts',
  'package.json',
  'tsconfig.json',
];

describe('asdlc init, from the packed package', () => {
  const scope = suiteScope();
  let asdlc: string;
  let project: string;
  let made: { name: string; files: string[] };

  before(async () => {
    const { tarball } = await packAsdlc(scope);
    asdlc = join(await createProject(scope, [tarball]), 'node_modules/.bin/asdlc');
    project = join(await temporaryFolder(scope), 'my-tasks');
    made = JSON.parse((await run(asdlc, ['init', project, '--json'])).stdout);
    // The registry does not have this version: npm installs it from the tarball, and all else as the project says.
    const options = ['--prefer-offline', '--no-save', '--no-audit', '--no-fund'];
    await run('npm', ['install', ...options, tarball], { cwd: project, maxBuffer: 2 ** 24 });
  });

  it('makes a project of the name of its folder', async () => {
    assert.deepEqual([made.name, made.files], ['my-tasks', FILES]);
    const manifest = JSON.parse(await readFile(join(project, 'package.json'), 'utf8'));
    const { version } = JSON.parse(await readFile(join(project, 'node_modules/asdlc/package.json'), 'utf8'));
    const { dependencies } = JSON.parse(await readFile(join(REPOSITORY, 'package.json'), 'utf8'));
    const { typebox } = dependencies;
    assert.deepEqual([manifest.name, manifest.dependencies], ['my-tasks', { asdlc: `^${version}`, typebox }]);
    assert.equal(parse(await readFile(join(project, 'compose.yml'), 'utf8')).name, 'my-tasks');
    for (const file of FILES) {
      assert.doesNotMatch(readFileSync(join(project, file), 'utf8'), /\{\{(name|version)\}\}/, file);
    }
  });

  it('leaves a folder alone that has files, and refuses a name that npm refuses', async () => {
    const before = readdirSync(project);
    const of = (path: string) => run(asdlc, ['init', path]);
    await assert.rejects(of(project), { code: 2, stderr: /expected a new or an empty folder; .* has / });
    await assert.rejects(of(join(project, 'My Tasks')), { code: 2, stderr: /expected a folder whose name/ });
    assert.deepEqual(readdirSync(project), before);
  });

  it('has types and tests that pass, and a test that can fail', async () => {
    const { NODE_TEST_CONTEXT: _, ...env } = process.env; // with it, node --test would run no file
    const test = () => run('npm', ['test'], { cwd: project, env });
    const { stdout } = await test();
    assert.match(stdout, /pass 2\n/);
    const path = join(project, 'handlers.ts');
    const source = await readFile(path, 'utf8');
    await writeFile(path, source.replace('Hello ', 'Bye '));
    await assert.rejects(test(), { stdout: /greets/ });
    await writeFile(path, source);
  });

  it('starts all with its own handler, measures it, and takes a change of it', async (t) => {
    const folder = await LocalStackFolder.create(t);
    const program = join(project, 'node_modules/asdlc/dist/cli/main.js');
    const stack = folder.start({ program, args: ['start'], cwd: project });
    await stack.up();
    const url = stack.address('orchestrator');
    const greet = async () => {
      const args = ['submit', 'greeting.make', '{"name": "Ada"}', '--follow', '--json'];
      const { stdout } = await run(asdlc, args, { env: { ...process.env, ASDLC_URL: url } });
      return JSON.parse(stdout.trim().split('\n').at(-1) ?? '').result;
    };
    assert.deepEqual(await greet(), { text: 'Hello Ada' });
    const { status } = await until('its schema is known', async () => {
      const answer = await post(`${url}/api/tasks`, { event_type: 'greeting.make', payload: { nam: 'Ada' } });
      return answer.status !== 202 && answer;
    });
    assert.equal(status, 422);

    const schedule = async () => (await request(`${url}/api/schedules/greeting.minutely`)).body;
    const declared = await until('its schedule is there', async () => {
      const found = await schedule();
      return found.source === 'handlers' && found;
    });
    assert.deepEqual([declared.every_ms, declared.problem], [60_000, null]);
    const ran = await post(`${url}/api/schedules/greeting.minutely/run`, {});
    assert.deepEqual((await taskIn(url, ran.body.id, ['completed'])).result, { text: 'Hello World' });

    const query = 'asdlc_events_processed_total{event_type="greeting.make", status="success"}';
    await until(
      'the TSDB has its metric',
      async () => Number(await queryLocalTsdb(stack, query)) >= 2,
      60_000,
    );
    await until(
      'a chart draws its metric',
      async () => {
        const { body } = await request(`${url}/api/metrics/panels/events_rate?range=5m`);
        return body.data.series.some(({ legend }: { legend: string }) => legend.includes('greeting.make'));
      },
      60_000,
    );

    const path = join(project, 'handlers.ts');
    const source = await readFile(path, 'utf8');
    await writeFile(path, source.replace('Hello ', 'Bye ').replace('60_000', '1_000'));
    await until('the workers took it', () => /workers is ready again/.test(stack.output()), 30_000);
    assert.deepEqual(await greet(), { text: 'Bye Ada' });
    const changedAtMs = Date.now(); // an earlier run, due at a full minute, can be the last one still
    const due = await until(
      'a task of the schedule is done when it is due',
      async () => {
        const { every_ms, last_run } = await schedule();
        const dueMs = Date.parse(last_run.due_at);
        return every_ms === 1_000 && dueMs > changedAtMs && last_run.task_id.endsWith(dueMs) && last_run;
      },
      60_000,
    );
    assert.deepEqual((await taskIn(url, due.task_id, ['completed'])).result, { text: 'Bye World' });
  });
});

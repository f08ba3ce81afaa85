import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { request, runTask } from '../support/http.ts';
import { LocalStackFolder } from '../support/local-stack-process.ts';
import { temporaryFolder } from '../support/processes.ts';
import { until } from '../support/until.ts';

const handlers = (text: string) => `import { word } from './word.ts';
export const handlers = { 'greeting.make': ({ payload }: { payload: unknown }) => ${text} };
export const used: string = word;
`;

test('starts the workers again when a file of the handlers changes', async (t) => {
  const project = await temporaryFolder(t);
  const module = join(project, 'handlers.ts');
  await writeFile(join(project, 'word.ts'), `export const word = 'Hello';\n`);
  await writeFile(module, handlers('[word, payload].join(" ")'));
  const folder = await LocalStackFolder.create(t);
  const stack = folder.start({ env: { WORKER_HANDLERS: module } });
  await stack.up();
  const orchestrator = stack.address('orchestrator');
  const greet = async () => {
    const { result } = await runTask(orchestrator, { event_type: 'greeting.make', payload: 'Ada' });
    return result;
  };
  const readyTimes = () => stack.output().split('workers is ready again').length - 1;
  assert.equal(await greet(), 'Hello Ada');

  await writeFile(join(project, 'word.ts'), `export const word = 'Bye';\n`);
  await until('the workers are ready again', () => readyTimes() === 1, 30_000);
  assert.match(stack.output(), /^word\.ts has changed: workers starts again$/m);
  assert.equal(await greet(), 'Bye Ada');

  await writeFile(module, 'export const handlers = {');
  await until(
    'the workers wait for a change',
    () => stack.output().includes('when you change a file'),
    30_000,
  );
  assert.match(
    stack.output(),
    /^workers ended with exit code 1\. It starts again when you change a file; log: /m,
  );
  assert.match(stack.output(), /^ {4}WORKER_HANDLERS: .*handlers\.ts cannot be loaded/m);

  await writeFile(module, handlers('process.exit(7)'));
  await until('the workers are ready again', () => readyTimes() === 2, 30_000);
  const { body } = await request(`${orchestrator}/api/tasks`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"event_type": "greeting.make", "payload": "Ada"}',
  });
  const line = 'workers ended with exit code 7. It starts again in 0.5 s';
  await until('a handler has ended the workers', () => stack.output().includes(line), 30_000);
  await until('the workers are ready again', () => readyTimes() >= 3, 30_000);
  await writeFile(module, handlers('[word, "again"].join(" ")'));
  const isCompleted = async () =>
    (await request(`${orchestrator}/api/tasks/${body.id}`)).body.result === 'Bye again';
  await until('the mended handler has done the task', isCompleted, 60_000);

  stack.child.kill('SIGINT');
  assert.equal(await stack.exited, 0, stack.output());
  assert.deepEqual(folder.running(), []);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LocalStackFolder } from '../support/local-stack-process.ts';
import { until } from '../support/until.ts';

test('gives a server up that dies five times within 60 s, and ends everything', async (t) => {
  const folder = await LocalStackFolder.create(t);
  const stack = folder.start();
  await stack.up();
  const killed = new Set<number>();
  const killEach = () => {
    const pid = folder.find('victoria-metrics')?.pid;
    if (pid !== undefined && !killed.has(pid)) process.kill(pid, 'SIGKILL');
    if (pid !== undefined) killed.add(pid);
    return stack.child.exitCode !== null;
  };
  await until('the stack gives it up', killEach, 60_000);
  assert.equal(await stack.exited, 1);
  const delays = [
    ...stack.output().matchAll(/^victoria-metrics ended with .* It starts again in (\S+) s;/gm),
  ];
  assert.deepEqual(
    delays.map(([, seconds]) => seconds),
    ['0.5', '1.0', '2.0', '4.0'],
  );
  assert.match(
    stack.output(),
    /✗ victoria-metrics ended with .*\. It died 5 times within 60 s; log: \S+victoria-metrics\.log\n {4}/,
  );
  assert.deepEqual(folder.running(), []);
});

for (const name of ['orchestrator', 'workers']) {
  test(`ends everything when ${name} dies`, async (t) => {
    const folder = await LocalStackFolder.create(t);
    const stack = folder.start();
    await stack.up();
    process.kill(folder.pid(name), 'SIGKILL');
    assert.equal(await stack.exited, 1);
    assert.match(
      stack.output(),
      new RegExp(`✗ ${name} ended with signal SIGKILL; log: \\S+/logs/${name}.log\n`),
    );
    assert.deepEqual(folder.running(), []);
  });
}

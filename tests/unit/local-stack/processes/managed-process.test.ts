import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ManagedProcess,
  type ProcessPlan,
  startProcess,
} from '../../../../src/local-stack/processes/managed-process.ts';

test('appends the output of each start to the log', async (t) => {
  const plan = planOf(t, "console.log('out'); console.error('err')");
  for (const _ of [1, 2]) assert.equal(await (await startProcess(plan)).exited, 'exit code 0');
  assert.equal(readFileSync(plan.logPath, 'utf8'), 'out\nerr\nout\nerr\n');
});

test('passes its environment and the variables of the plan to the child', async (t) => {
  const plan = planOf(t, 'console.log(process.env.SERVICE_PORT, process.env.PATH !== undefined)');
  await (await startProcess({ ...plan, environment: { SERVICE_PORT: '1234' } })).exited;
  assert.equal(readFileSync(plan.logPath, 'utf8'), '1234 true\n');
});

test('stops a child with SIGTERM', async (t) => {
  const started = await startWhenUp(planOf(t, "process.on('SIGTERM', () => process.exit(0))"));
  assert.equal(await started.stop(), 'exit code 0');
  assert.equal(started.isRunning, false);
  assert.equal(await started.stop(), 'exit code 0');
});

test('kills a child that does not stop within its limit', async (t) => {
  const plan = { ...planOf(t, "process.on('SIGTERM', () => {})"), stopLimitMs: 50 };
  assert.equal(await (await startWhenUp(plan)).stop(), 'signal SIGKILL');
});

test('says which program cannot be run', async (t) => {
  await assert.rejects(startProcess({ ...planOf(t, ''), command: '/no/such/program' }), {
    code: 'ASDLC_PROGRAM_MISSING',
    message: /^Cannot start child: .*\/no\/such\/program/,
  });
});

function planOf(t: TestContext, script: string): ProcessPlan {
  const folder = mkdtempSync(join(tmpdir(), 'asdlc-process-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return {
    name: 'child',
    command: process.execPath,
    args: ['-e', script],
    logPath: join(folder, 'child.log'),
    isNodeService: false,
    stopLimitMs: 10_000,
  };
}

/** Starts a script that runs until it is stopped. */
async function startWhenUp(plan: ProcessPlan): Promise<ManagedProcess> {
  const [flag, script] = plan.args;
  const started = await startProcess({
    ...plan,
    args: [flag ?? '', `${script}; setInterval(() => {}, 1000); console.log('up')`],
  });
  while (!readFileSync(plan.logPath, 'utf8').includes('up')) await sleep(5);
  return started;
}

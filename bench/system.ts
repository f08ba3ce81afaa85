import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { request } from 'undici';
import { ORCHESTRATOR_FLAGS } from '../src/local-stack/servers/node-services.ts';
import type { QueueState } from '../src/shared/http-contract/queue.ts';
import { type RunningServer, startRedis, startService, temporaryFolder } from '../tests/support/processes.ts';
import { until } from '../tests/support/until.ts';
import { agent, compileServices, residentMb, SENDERS, send, sendAll, task } from './system-load.ts';

/*
 * What the parts of the system cost: CPU time of each real process for a task, and what it does while it is idle. From
 * these follows what one core carries, whatever else runs on the machine: docs/scaling.md calculates with them. The
 * services run as they are deployed: compiled. From the TypeScript sources each takes 25 MB more.
 */

const TASKS = 10_000;
const BATCH = 100;
const IDLE_MS = 30_000;
const SLOTS = 10;
const HANDLER_MS = 20;
const WORKERS = [1, 2, 4];
/** /proc counts CPU time in these. */
const TICK_MS = 10;

const steps: (() => unknown)[] = [];
const scope = { after: (step: () => unknown) => void steps.push(step) };

/** Milliseconds of CPU that the process has used so far. */
function cpuMs({ child }: RunningServer): number {
  const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** Returns the CPU time that each process used meanwhile, and how long the work took, in milliseconds. */
async function during(work: () => Promise<unknown>, ...processes: RunningServer[]) {
  const before = processes.map(cpuMs);
  const startedAt = performance.now();
  await work();
  const elapsedMs = performance.now() - startedAt;
  return { elapsedMs, used: processes.map((each, i) => cpuMs(each) - (before[i] ?? 0)) };
}

const handlers = join(await temporaryFolder(scope), 'handlers.mjs');
await writeFile(
  handlers,
  `export const handlers = { echo: () => null, wait: () => new Promise((resolve) => setTimeout(resolve, ${HANDLER_MS})) };\n`,
);
const redis = await startRedis(scope, undefined, ['--appendonly', 'yes']);
const admin = new Redis(redis.url);
scope.after(() => admin.disconnect());
const env = {
  REDIS_URL: redis.url,
  WORKER_HANDLERS: handlers,
  WORKER_POOL_SIZE: String(SLOTS),
  LOG_LEVEL: 'warn',
};
compileServices();
const orchestrator = await startService(scope, 'dist/orchestrator/main.js', env, {
  flags: ORCHESTRATOR_FLAGS,
});
const startWorker = () => startService(scope, 'dist/workers/main.js', env);
const info = async (name: string) => Number(new RegExp(`${name}:(\\d+)`).exec(await admin.info())?.[1]);
const queue = (action: 'pause' | 'resume') => send(`${orchestrator.url}/api/queue/${action}`);
const redisCpuMs = async () => {
  const text = await admin.info('cpu');
  const seconds = ['user', 'sys'].map((kind) =>
    Number(new RegExp(`used_cpu_${kind}:([\\d.]+)`).exec(text)?.[1]),
  );
  return seconds.reduce((sum, each) => sum + each * 1000, 0);
};
const unfinished = async () => {
  const response = await request(`${orchestrator.url}/api/queue`, { dispatcher: agent });
  const { tasks } = (await response.body.json()) as QueueState;
  return tasks.waiting + tasks.active + tasks.delayed;
};
const allDone = () => until('all tasks have run', async () => (await unfinished()) === 0, 120_000);

const one = () => sendAll(TASKS, `${orchestrator.url}/api/tasks`, task);
const many = () =>
  sendAll(TASKS / BATCH, `${orchestrator.url}/api/tasks/batch`, { tasks: Array(BATCH).fill(task) });
const lines: string[] = [];
const row = (what: string, of: string, usedMs: number) => {
  const microseconds = (usedMs * 1000) / TASKS;
  lines.push(
    `| ${what} | ${of} | ${microseconds.toFixed(0)} | ${Math.round(1e6 / microseconds).toLocaleString('en')} |`,
  );
};

await one(); // warms up
const worker = await startWorker();
const workers = [worker];
await allDone();
await queue('pause');
const single = await during(one, orchestrator, redis);
row('accept a task by `POST /api/tasks`', 'orchestrator', single.used[0] ?? 0);
row('accept a task by `POST /api/tasks`', 'Redis', single.used[1] ?? 0);
const run = await during(
  async () => {
    await queue('resume');
    await allDone();
  },
  worker,
  redis,
);
row('run a task with an empty handler', 'worker', run.used[0] ?? 0);
row('run a task with an empty handler', 'Redis', run.used[1] ?? 0);
await queue('pause');
const batch = await during(many, orchestrator, redis);
row(`accept a task in a batch of ${BATCH}`, 'orchestrator', batch.used[0] ?? 0);
row(`accept a task in a batch of ${BATCH}`, 'Redis', batch.used[1] ?? 0);
await queue('resume');
await allDone();

/** What the system does while there is nothing to do and nobody scrapes it. */
async function idle() {
  const before = [await info('total_commands_processed'), await redisCpuMs()];
  const { used } = await during(() => sleep(IDLE_MS), orchestrator, ...workers);
  const after = [await info('total_commands_processed'), await redisCpuMs()];
  const [commands = 0, redisMs = 0] = after.map((value, i) => (value - (before[i] ?? 0)) / (IDLE_MS / 1000));
  const [ofOrchestrator = 0, ...ofWorkers] = used.map((ms) => ms / (IDLE_MS / 1000));
  const ofWorker = ofWorkers.reduce((sum, ms) => sum + ms, 0) / workers.length;
  return { commands, redisMs, ofOrchestrator, ofWorker, connections: await info('connected_clients') };
}

const memory = [residentMb(orchestrator), residentMb(worker)];
const least = await idle();
const growth: string[] = [];
for (const count of WORKERS) {
  while (workers.length < count) workers.push(await startWorker());
  await queue('pause');
  const tasks = Array(BATCH).fill({ ...task, event_type: 'wait' });
  const total = 4_000 * count;
  await sendAll(total / BATCH, `${orchestrator.url}/api/tasks/batch`, { tasks });
  await queue('resume');
  const isLeft = (share: number) =>
    until('tasks run', async () => (await unfinished()) <= share * total, 120_000);
  await isLeft(0.9); // all workers have noticed that the queue is resumed
  const { elapsedMs } = await during(() => isLeft(0.1));
  const rate = (0.8 * total * 1000) / elapsedMs;
  const used = (rate * HANDLER_MS) / 1000 / (SLOTS * count);
  growth.push(`| ${count} | ${Math.round(rate).toLocaleString('en')} | ${used.toFixed(2)} |`);
  await allDone();
}
const most = await idle();
const more = workers.length - 1;
const perWorker = {
  commands: (most.commands - least.commands) / more,
  redisMs: (most.redisMs - least.redisMs) / more,
  connections: (most.connections - least.connections) / more,
};
const ofOrchestrator = {
  commands: least.commands - perWorker.commands,
  connections: least.connections - perWorker.connections - 1, // one is the bench's own
};

process.stdout.write(`| work | process | µs of CPU a task | tasks/s of one core |
| --- | --- | ---: | ---: |
${lines.join('\n')}

${TASKS.toLocaleString('en')} tasks of 60 bytes each, ${SENDERS} requests at once, Redis with its append-only file. A core that does nothing else carries
the tasks of the last column.

| an idle process | its CPU, ms/s | commands/s to Redis | CPU of Redis, ms/s | connections to Redis | resident MB after the load |
| --- | ---: | ---: | ---: | ---: | ---: |
| orchestrator | ${least.ofOrchestrator.toFixed(1)} | ${ofOrchestrator.commands.toFixed(1)} | | ${ofOrchestrator.connections} | ${memory[0]?.toFixed(0)} |
| worker | ${most.ofWorker.toFixed(1)} | ${perWorker.commands.toFixed(1)} | ${perWorker.redisMs.toFixed(2)} | ${perWorker.connections} | ${memory[1]?.toFixed(0)} |

Commands include those within scripts. Nobody scrapes. A worker's share is the difference between ${WORKERS.at(-1)} workers and 1.

| workers of ${SLOTS} slots, handler of ${HANDLER_MS} ms | tasks/s | of their slots in use |
| ---: | ---: | ---: |
${growth.join('\n')}

All processes share this machine.
`);
await agent.close();
for (const step of steps.reverse()) await step();

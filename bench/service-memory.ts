import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ORCHESTRATOR_FLAGS } from '../src/local-stack/servers/node-services.ts';
import { startRedis, startService, temporaryFolder } from '../tests/support/processes.ts';
import { agent, compileServices, residentMb, SENDERS, sendAll, task } from './system-load.ts';

/*
 * The memory that a process of each service takes: after its start, after many tasks at once, and under a load that goes on.
 * The services run compiled, as they are deployed, and from their TypeScript sources, both at once. The time of a run does
 * not matter here.
 */

const TASKS = 10_000;
const BATCH = 100;
const PER_SECOND = 200;
const SECONDS = 120;

const steps: (() => unknown)[] = [];
const scope = { after: (step: () => unknown) => void steps.push(step) };
const handlers = join(await temporaryFolder(scope), 'handlers.mjs');
await writeFile(handlers, 'export const handlers = { echo: () => null };\n');

async function measure(folder: string, ending: string): Promise<string[]> {
  const redis = await startRedis(scope);
  const env = { REDIS_URL: redis.url, WORKER_HANDLERS: handlers, LOG_LEVEL: 'warn' };
  const orchestrator = await startService(scope, `${folder}/orchestrator/main.${ending}`, env, {
    flags: ORCHESTRATOR_FLAGS,
  });
  const worker = await startService(scope, `${folder}/workers/main.${ending}`, env);
  const services = [orchestrator, worker];
  const readings = [services.map(residentMb)];
  await sendAll(TASKS, `${orchestrator.url}/api/tasks`, task);
  await sendAll(TASKS / BATCH, `${orchestrator.url}/api/tasks/batch`, { tasks: Array(BATCH).fill(task) });
  readings.push(services.map(residentMb));
  let most = [0, 0];
  for (let second = 0; second < SECONDS; second += 1) {
    const next = sleep(1_000);
    await sendAll(PER_SECOND, `${orchestrator.url}/api/tasks`, task);
    most = services.map((service, i) => Math.max(most[i] ?? 0, residentMb(service)));
    await next;
  }
  readings.push(most);
  return ['orchestrator', 'worker'].map((name, i) => {
    const [start, many, steady] = readings.map((reading) => reading[i]?.toFixed(0));
    const target = name === 'orchestrator' && folder === 'dist' ? '≤ 200' : '';
    return `| ${name}, from ${folder} | ${start} | ${many} | ${steady} | ${target} |`;
  });
}

compileServices();
const rows = await Promise.all([measure('dist', 'js'), measure('src', 'ts')]);
process.stdout.write(`| resident MB of a process | after its start | after ${TASKS.toLocaleString('en')} tasks and as many in batches | at most, under ${PER_SECOND} tasks a second | target |
| --- | ---: | ---: | ---: | ---: |
${rows.flat().join('\n')}

The last column is the most of ${SECONDS} s, in the processes of the columns before. ${SENDERS} requests at once, one worker process with an
empty handler. The orchestrator has the flags of [Scaling](scaling.md#memory), the worker none. Services are deployed from
\`dist\`. From \`src\`, as \`npm start\` runs them, Node also
holds the program that strips their types, and longer sources.
`);
await agent.close();
for (const step of steps.reverse()) await step();

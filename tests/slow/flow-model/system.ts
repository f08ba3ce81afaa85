import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import type { SeededRandom } from '../../faults/history/seeded-random.ts';
import { post, request } from '../../support/http.ts';
import {
  freePort,
  type RunningServer,
  startOrchestrator,
  startRedis,
  startWorkers,
  temporaryFolder,
} from '../../support/processes.ts';
import { adminOf } from '../../support/redis-servers.ts';
import type { Scope } from '../../support/scope.ts';
import { startProxy } from '../../support/tcp-proxy.ts';
import { until } from '../../support/until.ts';
import { allMendedFile, mendedFile, type Note, type Work } from './handlers.ts';

const WORKERS = 3;
/** Between workers and Redis, each way: so changes by hand come while a worker ends a task. */
const DELAY_MS = 10;

/** A Redis that writes to its disk before it replies, an orchestrator and three workers: each may be killed. */
export interface FlowSystem {
  readonly url: string;
  readonly admin: Redis;
  /** What the handlers noted so far, in order. */
  readonly notes: () => readonly Note[];
  readonly mend: (task: Pick<Work, 'flow' | 'task'>) => void;
  readonly mendAll: () => void;
  /** Kills a process and starts another in its place. Returns what it killed. */
  readonly killOne: (random: SeededRandom) => Promise<string>;
}

export async function startFlowSystem(scope: Scope): Promise<FlowSystem> {
  const folder = await temporaryFolder(scope);
  const file = join(folder, 'runs');
  const redisArgs = ['--appendonly', 'yes', '--appendfsync', 'always', '--dir', folder];
  let redis = await startRedis(scope, undefined, redisArgs);
  const env = {
    REDIS_URL: redis.url,
    SERVICE_PORT: String(await freePort()),
    TASK_RETRY_DELAY: '0.05',
  };
  const proxy = await startProxy(scope, redis.port);
  proxy.delay(DELAY_MS);
  const workerEnv = {
    REDIS_URL: `redis://127.0.0.1:${proxy.port}`,
    WORKER_HANDLERS: join(import.meta.dirname, 'handlers.ts'),
    RUNS_FILE: file,
    WORKER_POOL_SIZE: '4',
  };
  const startWorker = () => startWorkers(scope, workerEnv, 'live');
  let orchestrator = await startOrchestrator(scope, env);
  const { url } = orchestrator;
  const workers: RunningServer[] = await Promise.all(Array.from({ length: WORKERS }, startWorker));

  const killWorker = async (random: SeededRandom) => {
    const at = random.between(0, WORKERS - 1);
    await workers[at]?.stop('SIGKILL');
    workers[at] = await startWorker();
    return 'a worker';
  };
  const killOrchestrator = async () => {
    await orchestrator.stop('SIGKILL');
    orchestrator = await startOrchestrator(scope, env);
    return 'the orchestrator';
  };
  const killRedis = async () => {
    await redis.stop('SIGKILL');
    await until('a call is refused', async () => (await request(`${url}/api/queue`)).status === 503);
    redis = await startRedis(scope, redis.port, redisArgs);
    await until('calls are answered', async () => (await request(`${url}/api/queue`)).status === 200);
    return 'Redis';
  };

  return {
    url,
    admin: adminOf(scope, redis.url),
    notes: () =>
      existsSync(file)
        ? readFileSync(file, 'utf8')
            .split('\n')
            .slice(0, -1) // the last one may be half written
            .map((line): Note => JSON.parse(line))
        : [],
    mend: (task) => writeFileSync(mendedFile(file, task), ''),
    mendAll: () => writeFileSync(allMendedFile(file), ''),
    killOne: (random) =>
      random.pick([killWorker, killWorker, killWorker, killOrchestrator, killRedis])(random),
  };
}

/** How many tasks there are by status, as `/api/queue` says. */
export async function counts(url: string): Promise<Record<string, number>> {
  const { status, body } = await request(`${url}/api/queue`);
  if (status !== 200) throw new Error(`expected the queue's state; got ${status}`);
  return body.tasks;
}

/** Makes all delayed tasks due, and waits until none waits or runs. What is blocked then is blocked for ever. */
export async function untilQuiet(url: string): Promise<void> {
  await until(
    'no task waits or runs',
    async () => {
      const { waiting = 0, active = 0, delayed = 0 } = await counts(url);
      if (delayed > 0) await changeAll(url, 'run_now', { status: 'delayed' });
      return waiting + active + delayed === 0;
    },
    90_000,
  );
}

/** Changes all tasks that match. */
export async function changeAll(url: string, action: string, filter: object): Promise<void> {
  for (let cursor: string | undefined; ; ) {
    const { status, body } = await post(`${url}/api/tasks/bulk`, {
      action,
      filter,
      ...(cursor && { cursor }),
    });
    if (status !== 200) throw new Error(`expected 200 of ${action}; got ${status} ${JSON.stringify(body)}`);
    if (body.next_cursor === null) return;
    cursor = body.next_cursor;
  }
}

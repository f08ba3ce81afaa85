import assert from 'node:assert/strict';
import { taskIn } from '../../support/http.ts';
import { freePort } from '../../support/processes.ts';
import type { Scope } from '../../support/scope.ts';
import { startProxy } from '../../support/tcp-proxy.ts';
import { until } from '../../support/until.ts';
import { judge } from '../history/judgement.ts';
import { describeAnswers, type RecordedLoad, startRecordedLoad } from '../history/recorded-load.ts';
import { createSeededRandom } from '../history/seeded-random.ts';
import { startWholeSystem, type WholeSystem } from '../history/whole-system.ts';
import { assertWithin, type FaultRow, seconds, timed } from './fault-row.ts';
import { describeTasks } from './outage.ts';

const RATE = 20;
const SLOTS = 10;
/** A lock, then two looks for tasks without one. */
const RECOVERY_MS = 6_000 + 2 * 2_500;
const DRAIN_MS = 5_000;

interface Loaded {
  readonly system: WholeSystem;
  readonly load: RecordedLoad;
}

async function startLoaded(scope: Scope): Promise<Loaded> {
  const system = await startWholeSystem(scope, {
    DRAIN_TIMEOUT: `${DRAIN_MS / 1_000}`,
    WORKER_POOL_SIZE: `${SLOTS}`,
  });
  const load = startRecordedLoad(scope, system.orchestrator.url, createSeededRandom(2), RATE);
  await until('some tasks have ended', () => system.runs.read('end').length >= RATE);
  return { system, load };
}

/** Ends the load. Throws unless each task ended as it must; returns the numbers. */
async function settle({ system, load }: Loaded) {
  await load.stop();
  const { figures, violations } = await judge(system, load);
  assert.deepEqual(violations, []);
  return figures;
}

const startedTwice = ({ runs }: WholeSystem) => {
  const starts = Map.groupBy(runs.read('start'), ({ id }) => id);
  return [...starts].filter(
    ([id, { length }]) => length > 1 + runs.read('fail').filter((run) => run.id === id).length,
  );
};

async function showKilledWorker(scope: Scope): Promise<string> {
  const loaded = await startLoaded(scope);
  const { system, load } = loaded;
  const [worker] = system.workers;
  for (let i = 0; i < 2 * SLOTS; i++) await load.submit({ event_type: 'wait', payload: 3_000 });
  const pid = worker?.life.server.child.pid;
  const cutShort = () => {
    const ended = new Set([...system.runs.read('end'), ...system.runs.read('fail')].map(({ id }) => id));
    return system.runs.read('start').filter((run) => run.pid === pid && !ended.has(run.id));
  };
  await until('its slots are busy', () => cutShort().length >= SLOTS / 2);
  await worker?.end('SIGKILL');
  const [killedAtMs, lost] = [Date.now(), cutShort().map(({ id }) => id)];
  const restarts = await until(
    'its tasks run again',
    () => {
      const again = system.runs
        .read('start')
        .filter(({ id, atMs }) => atMs > killedAtMs && lost.includes(id));
      return new Set(again.map(({ id }) => id)).size === new Set(lost).size && again;
    },
    RECOVERY_MS * 3,
  );
  const lastMs = Math.max(...restarts.map(({ atMs }) => atMs)) - killedAtMs;
  assertWithin('its tasks run again', lastMs, RECOVERY_MS);
  await worker?.start();
  const figures = await settle(loaded);
  const twice = startedTwice(system).length;
  assert.ok(twice <= SLOTS, `${twice} tasks were started twice`);
  return `${lost.length} tasks cut short ran again within ${seconds(lastMs)}; ${twice} tasks started twice (${SLOTS} slots); ${describeTasks(figures)}`;
}

async function showTermination(scope: Scope): Promise<string> {
  const loaded = await startLoaded(scope);
  const { system, load } = loaded;
  const [worker] = system.workers;
  const long: string[] = [];
  for (let i = 0; i < 2 * SLOTS; i++)
    long.push(await load.submit({ event_type: 'wait', payload: 2 * DRAIN_MS }));
  const pid = worker?.life.server.child.pid;
  await until('it runs long tasks', () =>
    system.runs.read('start').some((run) => run.pid === pid && long.includes(run.id)),
  );
  const { value: code, tookMs } = await timed(async () => worker?.end('SIGTERM'));
  assert.equal(code, 0);
  assertWithin('its end', tookMs, DRAIN_MS + 1_000);
  await worker?.start();
  const figures = await settle(loaded);
  return `exit code ${code} after ${seconds(tookMs)} (drain limit ${seconds(DRAIN_MS)}); ${describeTasks(figures)}`;
}

/** Replaces each process by a new one, as a Deployment of Kubernetes does: the new one first. */
async function showRollingReplacement(scope: Scope): Promise<string> {
  const system = await startWholeSystem(scope, { DRAIN_TIMEOUT: `${DRAIN_MS / 1_000}` });
  const front = await startProxy(scope, system.orchestrator.life.server.port);
  const load = startRecordedLoad(scope, `http://127.0.0.1:${front.port}`, createSeededRandom(3), RATE);
  const codes: (number | null)[] = [];
  for (const service of [system.orchestrator, ...system.workers]) {
    const old = service.life;
    const ended = system.runs.read('end').length;
    await until('more tasks have ended', () => system.runs.read('end').length > ended + RATE);
    await service.start(await freePort());
    if (service === system.orchestrator) front.pointTo(service.life.server.port);
    codes.push(await service.end('SIGTERM', old));
  }
  const figures = await settle({ system, load });
  assert.deepEqual(codes, [0, 0, 0]);
  const broken = load.answers.filter(({ status }) => status !== '202');
  assert.deepEqual(broken, []);
  const twice = startedTwice(system).length;
  assert.equal(twice, 0);
  return `exit codes ${codes.join(', ')}; ${describeAnswers(load)}, no connection reset; ${twice} tasks started twice; ${describeTasks(figures)}`;
}

/** The guilty task ends as it must, and nobody else pays: see `judge`. */
async function showGuilty(
  scope: Scope,
  guilty: { readonly event_type: string; readonly payload?: number },
  status: 'completed' | 'dead' | 'ended',
  count = 1,
): Promise<string> {
  let isOver = false;
  let supervision: Promise<unknown> | undefined;
  const endSupervision = () => {
    isOver = true;
    return supervision;
  };
  scope.after(endSupervision); // before the processes are killed: it would start them again
  const loaded = await startLoaded(scope);
  const { system, load } = loaded;
  // Something starts a process again that has ended, as systemd and Kubernetes do.
  supervision = until(
    'the supervision is over',
    async () => {
      for (const worker of system.workers) await worker.startIfEnded();
      return isOver;
    },
    240_000,
  );
  const ids: string[] = [];
  for (let i = 0; i < count; i++) ids.push(await load.submit({ ...guilty, max_attempts: 1 }, { status }));
  const { url } = system.orchestrator;
  const { value: ends, tookMs } = await timed(() =>
    Promise.all(ids.map((id) => taskIn(url, id, ['completed', 'dead'], 150_000))),
  );
  const figures = await settle(loaded);
  await endSupervision();
  const starts = ids.reduce((sum, id) => sum + system.runs.starts(id), 0);
  const lives = system.workers.reduce((sum, worker) => sum + worker.lives.length - 1, 0);
  const message = ends[0].error?.message ?? 'no error';
  return `${count} guilty: ${ends[0].status} after ${seconds(tookMs)} and ${starts} starts (${message}); processes ended: ${lives}; ${describeTasks(figures)}`;
}

const ONLY_THE_GUILTY = 'only the guilty task dies; all others end as ever';

export const WORKER_ROWS: readonly FaultRow[] = [
  {
    fault: 'A worker is killed (SIGKILL)',
    promise:
      'its tasks run again within a lock and two intervals, 11 s; at most as many as it has slots start twice; none is lost',
    show: showKilledWorker,
  },
  {
    fault: 'A worker gets SIGTERM with tasks that outlast its drain limit',
    promise:
      'exit code 0 within the drain limit; the tasks go back to the queue and use up no attempt; none is lost',
    show: showTermination,
  },
  {
    fault: 'Each process is replaced under load, the new one first',
    promise: 'exit code 0; no task is lost and none runs twice; no client sees an error',
    show: showRollingReplacement,
  },
  {
    fault: 'A handler ends its process each time',
    promise: 'only the guilty task dies, in quarantine; all others end as ever',
    show: (scope) => showGuilty(scope, { event_type: 'die' }, 'dead'),
  },
  {
    fault: 'A handler never ends and ignores its signal',
    promise: `it ends at its time limit; ${ONLY_THE_GUILTY}`,
    show: (scope) => showGuilty(scope, { event_type: 'hang' }, 'dead', 3),
  },
  {
    fault: 'A handler throws',
    promise: ONLY_THE_GUILTY,
    show: (scope) => showGuilty(scope, { event_type: 'fail' }, 'dead', 50),
  },
  {
    fault: 'A handler blocks its process for 8 s, longer than a lock lasts',
    promise: 'only that task may die, as one that kills its process; those beside it complete as ever',
    show: (scope) => showGuilty(scope, { event_type: 'burn', payload: 8_000 }, 'ended'),
  },
  {
    fault: 'Handlers leave a rejection behind that nobody catches',
    promise: 'no process ends and no other task pays',
    show: (scope) => showGuilty(scope, { event_type: 'stray' }, 'completed', 20),
  },
];

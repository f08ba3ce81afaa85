import { setTimeout as sleep } from 'node:timers/promises';
import { startOrchestrator } from '../../support/processes.ts';
import type { Scope } from '../../support/scope.ts';
import { until } from '../../support/until.ts';
import { startWholeSystem } from '../history/whole-system.ts';
import { assertWithin, type FaultRow, seconds } from './fault-row.ts';
import type { Feature, FeatureSystem } from './features/feature.ts';
import { flows } from './features/flows.ts';
import { queues } from './features/queues.ts';
import { schedules } from './features/schedules.ts';
import { webhooks } from './features/webhooks.ts';

/** A lock, then two looks for tasks without one. */
const RECOVERY_MS = 6_000 + 2 * 2_500;
const REDIS_AWAY_MS = 5_000;
const RESUMED_MS = 2_000;
/** So many more tasks begin while an orchestrator is away. */
const MORE_TASKS = 50;

/** Each of them breaks the system, mends it, and returns what it saw meanwhile. */
const FAULTS = {
  'a worker is killed': async ({ workers, runs }: FeatureSystem) => {
    const [worker] = workers;
    const pid = worker?.life.server.child.pid;
    const cutShort = () => {
      const ended = new Set([...runs.read('end'), ...runs.read('fail')].map(({ id }) => id));
      return runs.read('start').filter((run) => run.pid === pid && !ended.has(run.id));
    };
    await until('it runs tasks', () => cutShort().length >= 2);
    await worker?.end('SIGKILL');
    const [killedAtMs, lost] = [Date.now(), new Set(cutShort().map(({ id }) => id))];
    await worker?.start();
    const again = await until(
      'its tasks run again',
      () => {
        const starts = runs.read('start').filter(({ id, atMs }) => atMs > killedAtMs && lost.has(id));
        return new Set(starts.map(({ id }) => id)).size === lost.size && starts;
      },
      RECOVERY_MS * 3,
    );
    const lastMs = Math.max(killedAtMs, ...again.map(({ atMs }) => atMs)) - killedAtMs;
    assertWithin('its tasks run again', lastMs, RECOVERY_MS);
    return `${lost.size} tasks cut short ran again within ${seconds(lastMs)}`;
  },
  'an orchestrator is killed': async ({ orchestrator, runs }: FeatureSystem) => {
    const before = runs.read('start').length;
    await orchestrator.end('SIGKILL');
    const killedAtMs = Date.now();
    const begun = () => runs.read('start').length - before;
    await until('more tasks begin', () => begun() >= MORE_TASKS, 30_000);
    const [tasks, awayMs] = [begun(), Date.now() - killedAtMs];
    await orchestrator.start();
    return `${tasks} tasks began in the ${seconds(awayMs)} without it`;
  },
  [`Redis is killed and away for ${REDIS_AWAY_MS / 1_000} s`]: async (system: FeatureSystem) => {
    await system.redis.stop('SIGKILL');
    await sleep(REDIS_AWAY_MS);
    await system.startRedisAgain();
    const backAtMs = Date.now();
    const first = await until(
      'a task begins',
      () => system.runs.read('start').find(({ atMs }) => atMs > backAtMs),
      30_000,
    );
    assertWithin('the first task', first.atMs - backAtMs, RESUMED_MS);
    return `first task ${seconds(first.atMs - backAtMs)} after Redis was back`;
  },
};

type Promises = readonly [worker: string, orchestrator: string, redis: string];

const PARTS: Readonly<Record<string, { readonly feature: Feature; readonly promises: Promises }>> = {
  Schedules: {
    feature: schedules,
    promises: [
      'the tasks that it ran run again within 11 s; each due time has one task',
      'the other one goes on; each due time has one task, or counts as missed',
      'each schedule has one task for the time away, and the other due times count as missed: never a burst',
    ],
  },
  'Several queues': {
    feature: queues,
    promises: [
      'its tasks of all queues run again within 11 s; each completes in its queue',
      'sent again under its key to the other one, each task is one task, in its queue',
      'all queues go on within 2 s; each accepted task completes in its queue',
    ],
  },
  Webhooks: {
    feature: webhooks,
    promises: [
      'each end is told, and if twice, under the same `webhook-id`',
      'workers tell each end all the same',
      'each end that Redis has is told, and if twice, under the same `webhook-id`',
    ],
  },
  Flows: {
    feature: flows,
    promises: [
      'its tasks run again within 11 s; each parent runs after its last child; no task is left blocked',
      'sent again under its key to the other one, a flow is one flow, and whole',
      'each accepted flow is whole and goes on within 2 s; no task is left blocked',
    ],
  },
};

async function show(
  scope: Scope,
  feature: Feature,
  breakSystem: (system: FeatureSystem) => Promise<string>,
): Promise<string> {
  const { env, start } = await feature(scope);
  const system = await startWholeSystem(scope, env);
  const { url } = await startOrchestrator(scope, { REDIS_URL: system.redis.url, ...env });
  const whole: FeatureSystem = Object.assign(system, { url });
  const use = await start(whole);
  const seen = await breakSystem(whole);
  return `${seen}; ${await use.end()}`;
}

/** What becomes of each part of the system when a worker, an orchestrator or Redis dies. */
export const FEATURE_ROWS: readonly FaultRow[] = Object.entries(PARTS).flatMap(
  ([part, { feature, promises }]) =>
    Object.entries(FAULTS).map(([fault, breakSystem], i) => ({
      fault: `${part}: ${fault}`,
      promise: promises[i] ?? '',
      show: (scope: Scope) => show(scope, feature, breakSystem),
    })),
);

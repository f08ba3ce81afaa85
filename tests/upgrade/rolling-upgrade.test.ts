import assert from 'node:assert/strict';
import { before, describe, it, type TestContext } from 'node:test';
import { request, taskIn } from '../support/http.ts';
import { type RunningServer, startRedis } from '../support/processes.ts';
import { createRunLog } from '../support/run-log.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';
import { installPreviousRelease, type Release, type ServiceName, startOf, THIS_RELEASE } from './releases.ts';
import { startRotatingLoad } from './rotating-load.ts';

/** Tasks that each pair of an accepting and a running release must have seen while both were there. */
const ENOUGH = 20;

/** Replaces two orchestrators and two workers one by one under load, and lets both releases run side by side. */
async function upgrade(t: TestContext, from: Release, to: Release) {
  const redis = await startRedis(t, undefined, ['--appendonly', 'yes']);
  const runs = await createRunLog(t);
  const releaseOf = new Map<number, Release>();
  const load = startRotatingLoad();
  t.after(() => load.stop());
  const start = async (release: Release, service: ServiceName) => {
    const server = await startOf(t, release, service, {
      REDIS_URL: redis.url,
      TASK_RETRY_DELAY: '0.2',
      COMPLETED_KEEP_COUNT: '1000000',
      ...runs.env,
    });
    releaseOf.set(server.child.pid ?? 0, release);
    return { server, target: { release, url: server.url } };
  };
  const startOrchestrator = async (release: Release) => {
    const started = await start(release, 'orchestrator');
    load.add(started.target);
    return started;
  };
  const codes: (number | null)[] = [];
  const end = async (server: RunningServer) => codes.push(await server.stop('SIGTERM'));

  const [orchestrators, workers] = [
    [await startOrchestrator(from), await startOrchestrator(from)],
    [await start(from, 'workers'), await start(from, 'workers')],
  ];
  const successors = [];
  for (const [i, old] of orchestrators.entries()) {
    const [successor, worker] = await Promise.all([startOrchestrator(to), start(to, 'workers')]);
    successors.push(successor);
    const pairs = await sideBySide(load.accepted, () => runs.read('end'), releaseOf, [from, to]);
    t.diagnostic(`${i + 1}: accepted by -> run by, tasks: ${pairs.join(', ')}`);
    for (const { target } of [old, successor]) {
      assert.equal((await request(`${target.url}/api/tasks?status=completed&limit=200`)).status, 200);
    }
    await load.remove(old.target);
    await end(old.server);
    await end((workers[i] ?? worker).server);
  }
  await load.stop();
  const url = successors[0]?.target.url ?? '';
  return { load, runs, codes, url };
}

/** Waits until each release has run tasks that each release accepted. Returns how many there were of each pair. */
async function sideBySide(
  accepted: ReturnType<typeof startRotatingLoad>['accepted'],
  readEnds: () => readonly { id: string; pid: number }[],
  releaseOf: ReadonlyMap<number, Release>,
  releases: readonly Release[],
): Promise<string[]> {
  const before = new Set(readEnds().map(({ id }) => id));
  const wanted = releases.flatMap((by) => releases.map((on) => `${by.name} -> ${on.name}`));
  return until(
    'each release runs what each release accepted',
    () => {
      const ends = readEnds().filter(({ id }) => !before.has(id));
      const counts = Map.groupBy(
        ends,
        ({ id, pid }) => `${accepted.get(id)?.by.name} -> ${releaseOf.get(pid)?.name}`,
      );
      const isEnough = wanted.every((pair) => (counts.get(pair)?.length ?? 0) >= ENOUGH);
      return isEnough && wanted.map((pair) => `${pair}: ${counts.get(pair)?.length}`);
    },
    60_000,
  );
}

describe('a rolling upgrade under load', () => {
  const scope = suiteScope();
  let previous: Release;

  before(async () => {
    previous = await installPreviousRelease(scope);
  });

  for (const direction of ['up', 'down']) {
    it(`loses, refuses and repeats no task on the way ${direction}`, async (t) => {
      const path: readonly [Release, Release] =
        direction === 'up' ? [previous, THIS_RELEASE] : [THIS_RELEASE, previous];
      const { load, runs, codes, url } = await upgrade(t, ...path);
      for (const id of load.accepted.keys()) await taskIn(url, id, ['completed'], 60_000);
      const starts = Map.groupBy(runs.read('start'), ({ id }) => id);
      const begun = [...load.accepted].filter(([id, { attempts }]) => starts.get(id)?.length !== attempts);
      t.diagnostic(`${load.accepted.size} accepted and completed, ${load.refused.length} refused`);
      assert.deepEqual([load.refused, begun], [[], []]);
      assert.deepEqual(codes, [0, 0, 0, 0]);
    });
  }
});

import type { TaskStatus } from '../../../src/shared/http-contract/tasks.ts';
import { request } from '../../support/http.ts';
import { hasEnded } from '../../support/processes.ts';
import { until } from '../../support/until.ts';
import { judgeCounters } from './counters.ts';
import { FAR_MS, type RecordedLoad, type Submission } from './recorded-load.ts';
import type { WholeSystem } from './whole-system.ts';

/** What the API says of a task at the end. */
export interface FinalTask {
  readonly id: string;
  readonly status: TaskStatus;
  readonly attempts: number;
}

export interface Judgement {
  readonly figures: Readonly<Record<string, number>>;
  /** Promises that were broken; none in a good run. */
  readonly violations: readonly string[];
}

/** What the system and the handlers say of each task. */
export interface Evidence {
  readonly tasks: ReadonlyMap<string, FinalTask>;
  /** Process ids by task, in order of time: of each start, good end and failure of an attempt. */
  readonly starts: ReadonlyMap<string, readonly number[]>;
  readonly ends: ReadonlyMap<string, readonly number[]>;
  readonly fails: ReadonlyMap<string, readonly number[]>;
}

/** Waits until only tasks that are due much later are left. The queue's counts are of one moment; those tasks stay. */
async function untilQuiet({ orchestrator }: WholeSystem): Promise<void> {
  await until(
    'all tasks that are due have ended',
    async () => {
      const { body: delayed } = await request(`${orchestrator.url}/api/tasks?status=delayed&limit=200`);
      const farOffMs = Date.now() + FAR_MS / 2;
      const isFar = ({ scheduled_at }: { scheduled_at: string }) => Date.parse(scheduled_at) > farOffMs;
      if (delayed.next_cursor !== null || !delayed.tasks.every(isFar)) return false;
      const { tasks } = (await request(`${orchestrator.url}/api/queue`)).body;
      return tasks.waiting + tasks.active === 0 && tasks.delayed === delayed.tasks.length;
    },
    90_000,
  );
}

/** A worker counts an end as Redis replies to it; the API may show that end a moment earlier. */
const COUNTING_LAG_MS = 5_000;

/** Reads the counters of the processes that still run until they say what happened, or for too long. */
async function judgeSettledCounters(
  system: WholeSystem,
  load: RecordedLoad,
  evidence: Evidence,
): Promise<Judgement> {
  const read = async () => {
    for (const service of system.services) await service.scrape();
    return judgeCounters(system, load, evidence);
  };
  const settled = async () => {
    const counters = await read();
    return counters.violations.length === 0 && counters;
  };
  return until('the counters say what happened', settled, COUNTING_LAG_MS).catch(read);
}

/**
 * Waits until all is quiet, and compares the history with the system: accepted = completed + dead + queued, each ended
 * task ran, none more often than its attempts and stalls, one task for each key, and counters that say the same.
 */
export async function judge(system: WholeSystem, load: RecordedLoad): Promise<Judgement> {
  await untilQuiet(system);
  const evidence = await gatherEvidence(system);
  const accepted = load.submissions.filter(({ ids }) => ids.length > 0);
  const violations = [
    ...load.problems,
    ...judgeKeys(load.submissions, evidence),
    ...accepted.flatMap((submission) => judgeTask(submission, evidence)),
    ...(await judgeRuns(system, evidence)),
    ...judgeExits(system),
  ];
  const counters = await judgeSettledCounters(system, load, evidence);
  const statuses = [...evidence.tasks.values()].map(({ status }) => status);
  const countOf = (...wanted: TaskStatus[]) => statuses.filter((status) => wanted.includes(status)).length;
  const runs = [...evidence.starts.values()].map(({ length }) => length);
  return {
    figures: {
      accepted: new Set(accepted.flatMap(({ ids }) => ids)).size,
      completed: countOf('completed'),
      dead: countOf('dead'),
      queued: countOf('queued', 'delayed', 'active'),
      'sent again under their key': accepted.filter(({ doubts }) => doubts > 0).length,
      'attempts begun': runs.reduce((sum, count) => sum + count, 0),
      'begun beyond their attempts': [...evidence.tasks.values()].reduce(
        (sum, { id, attempts }) => sum + Math.max(0, (evidence.starts.get(id)?.length ?? 0) - attempts),
        0,
      ),
      ...counters.figures,
    },
    violations: [...violations, ...counters.violations],
  };
}

async function gatherEvidence({ orchestrator, runs }: WholeSystem): Promise<Evidence> {
  const tasks = new Map<string, FinalTask>();
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { status, body } = await request(
      `${orchestrator.url}/api/tasks?limit=200${cursor && `&cursor=${cursor}`}`,
    );
    if (status !== 200) throw new Error(`expected a listing; got ${status} ${JSON.stringify(body)}`);
    for (const task of body.tasks as FinalTask[]) tasks.set(task.id, task); // as the contract says
    cursor = body.next_cursor;
  }
  const byTask = (what: 'start' | 'end' | 'fail') => {
    const groups = Map.groupBy(runs.read(what), ({ id }) => id);
    return new Map([...groups].map(([id, notes]) => [id, notes.map(({ pid }) => pid)]));
  };
  return { tasks, starts: byTask('start'), ends: byTask('end'), fails: byTask('fail') };
}

function judgeKeys(submissions: readonly Submission[], { tasks }: Evidence): string[] {
  const split = submissions.filter(({ ids }) => new Set(ids).size > 1);
  const ids = submissions.flatMap((submission) => [...new Set(submission.ids)]);
  const known = new Set(ids);
  const unknown = [...tasks.keys()].filter((id) => !known.has(id));
  // A submission without a key whose answer was lost may be queued all the same.
  const inDoubt = submissions.filter(({ key, doubts }) => key === undefined && doubts > 0).length;
  const unanswered = submissions.filter(({ key, ids: got }) => key !== undefined && got.length === 0);
  return [
    ...split.map(({ key, ids: got }) => `one key made several tasks: ${key} ${got}`),
    ...(known.size === ids.length ? [] : [`${ids.length - known.size} ids were given to two submissions`]),
    ...(unknown.length <= inDoubt ? [] : [`${unknown.length} tasks that nobody was told of: ${unknown}`]),
    ...unanswered.map(({ key }) => `never accepted: ${key}`),
  ];
}

function judgeTask(submission: Submission, { tasks, starts }: Evidence): string[] {
  const id = submission.ids[0] ?? '';
  const what = `${submission.request.event_type} ${id}`;
  const task = tasks.get(id);
  const ran = starts.get(id)?.length ?? 0;
  if (task === undefined) return [`accepted and lost: ${what}, started ${ran} times`];
  const { status, attempts = task.attempts } = submission.expected;
  return [
    ...(isAs(task.status, status) ? [] : [`expected ${status}; got ${task.status}: ${what}`]),
    ...(task.attempts === attempts ? [] : [`expected ${attempts} attempts; got ${task.attempts}: ${what}`]),
    ...(ran >= attempts ? [] : [`counted ${attempts} attempts and ran ${ran} times: ${what}`]),
  ];
}

/**
 * A task may begin again only because a worker lost it, which its record counts as a stall, or because a worker put it back
 * as it stopped.
 */
async function judgeRuns(
  { admin, workers }: WholeSystem,
  { tasks, starts, ends, fails }: Evidence,
): Promise<string[]> {
  const lives = workers.flatMap((worker) => worker.lives);
  const stopped = new Set(
    lives.filter(({ ended }) => ended?.by === 'SIGTERM').map(({ server }) => server.child.pid),
  );
  const countIn = (notes: Evidence['starts'], id: string) =>
    (notes.get(id) ?? []).filter((pid) => stopped.has(pid)).length;
  const repeated = [...tasks.values()].filter(({ id, attempts }) => (starts.get(id)?.length ?? 0) > attempts);
  const judged = repeated.map(async ({ id, attempts }) => {
    const stalls = Number(await admin.hget(`{asdlc}:tasks:${id}`, 'stc'));
    const putBack = countIn(starts, id) - countIn(ends, id) - countIn(fails, id);
    const ran = starts.get(id)?.length ?? 0;
    const why = `${attempts} attempts, ${stalls} stalls, ${putBack} times put back`;
    return ran <= attempts + stalls + putBack ? [] : [`ran ${ran} times with ${why}: ${id}`];
  });
  return (await Promise.all(judged)).flat();
}

function judgeExits({ services }: WholeSystem): string[] {
  return services.flatMap(({ name, lives }) =>
    lives.flatMap(({ ended, server }) => {
      if (ended?.by === 'SIGTERM' && ended.code !== 0)
        return [`${name} exited with ${ended.code} on SIGTERM`];
      return hasEnded(server) && ended === undefined
        ? [`${name} ended by itself: ${server.output().slice(-500)}`]
        : [];
    }),
  );
}

function isAs(status: TaskStatus, expected: TaskStatus | 'ended'): boolean {
  return expected === 'ended' ? status === 'completed' || status === 'dead' : status === expected;
}

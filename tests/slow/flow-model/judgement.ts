import type { End, EndedTask } from './end.ts';
import { downwards, type Flow, upwards } from './flow.ts';
import type { Note } from './handlers.ts';
import type { Change, History } from './history.ts';

/** A change that was made, or may have been: its response may be lost. */
const mayBeMade = ({ status }: Change) => status === 0 || status === 503 || status < 300;

/** Whether a change may have reached this task: one of the task itself, or of one that waited for it. */
const isReached = (flow: Flow, changes: readonly Change[], action: Change['action'], place: number) =>
  changes.some(
    (change) =>
      change.action === action && mayBeMade(change) && downwards(flow, change.place).includes(place),
  );

/**
 * Compares what is there with what was asked for. All has ended: what is blocked now is blocked for ever. `isMended`: every
 * dead task was retried, and none dies any more.
 */
export function judgeEnd(end: End, { flows, changes }: History, { isMended = false } = {}): string[] {
  const byFlow = Map.groupBy(end.tasks.values(), ({ work }) => work.flow);
  return [
    ...judgeCounts(end),
    ...end.leftovers.map((key) => `left over: ${key}`),
    ...flows.flatMap((flow) => {
      const ofFlow = changes.get(flow.number) ?? [];
      const found = byFlow.get(flow.number) ?? [];
      if (flow.ids.length === 0) return judgeRefused(flow, found, end.notes);
      const judged = judgeFlow(flow, ofFlow, { end, found, isMended });
      return judged.length === 0 ? [] : [...judged, describeFlow(flow, ofFlow, end)];
    }),
  ];
}

function judgeCounts({ tasks, counts }: End): string[] {
  const listed = (status: string) => [...tasks.values()].filter((task) => task.status === status).length;
  return ['blocked', 'completed', 'dead'].flatMap((status) =>
    counts[status] === listed(status)
      ? []
      : [`/api/queue counts ${counts[status]} ${status} tasks; listed are ${listed(status)}`],
  );
}

/** Nobody was told of its tasks. All are there, or none but those that ran before the others were taken back. */
function judgeRefused(flow: Flow, found: readonly EndedTask[], notes: readonly Note[]): string[] {
  if (found.length === 0 || found.length === flow.tasks.length) return [];
  const begun = new Set(notes.map(({ id }) => id));
  return found.every(({ id }) => begun.has(id))
    ? []
    : [`flow ${flow.number} was refused: ${found.length} of its ${flow.tasks.length} tasks are there`];
}

interface Seen {
  readonly end: End;
  /** The tasks that say that they are of this flow. */
  readonly found: readonly EndedTask[];
  readonly isMended: boolean;
}

function judgeFlow(flow: Flow, changes: readonly Change[], { end, found, isMended }: Seen): string[] {
  const tasks = flow.ids.map((id) => end.tasks.get(id));
  const strangers = found.filter(({ id, work }) => flow.ids[work.task] !== id);
  const isLost = (place: number) => {
    const status = tasks[place]?.status;
    return status === undefined || status === 'dead';
  };
  return [
    ...strangers.map(({ id }) => `nobody was told of ${id}`),
    ...tasks.flatMap((task, place) => {
      const what = `task ${place} of flow ${flow.number}, ${task?.status} ${task?.error}`;
      const { waitsFor = [], runsAnyway = false } = flow.tasks[place] ?? {};
      if (task === undefined)
        return isReached(flow, changes, 'remove', place) ? [] : [`accepted and lost: ${what}`];
      if (task.status === 'completed') {
        const dead = runsAnyway ? [] : waitsFor.filter((each) => tasks[each]?.status === 'dead');
        return dead.map((each) => `completed, and ${each} is dead: ${what}`);
      }
      if (task.status !== 'dead') return [`it does not go on: ${what}`];
      if (task.error.startsWith('child dead: '))
        return waitsFor.some(isLost) ? [] : [`no child is dead or gone: ${what}`];
      if (isMended) return waitsFor.some(isLost) && !runsAnyway ? [] : [`a retry did not help: ${what}`];
      if (task.error.startsWith('cancelled:'))
        return isReached(flow, changes, 'cancel', place) ? [] : [`nobody cancelled it: ${what}`];
      return task.error === 'as asked' && task.work.dies ? [] : [`dead for no reason: ${what}`];
    }),
    ...(isMended ? [] : judgeCancels(flow, changes, end)),
  ];
}

/** What was cancelled while it waited is dead, and did not begin, unless something of its flow was retried later. */
function judgeCancels(flow: Flow, changes: readonly Change[], { tasks, notes }: End): string[] {
  return changes.flatMap((change, at) => {
    const isRetried = changes.some(({ action, isEager }, i) => action === 'retry' && (i > at || isEager));
    const isInDoubt = changes.slice(0, at).some(({ status }) => status === 0 || status === 503);
    if (change.action !== 'cancel' || change.became !== 'dead' || isRetried || isInDoubt) return [];
    const waiting = upwards(flow, change.place);
    const runsAnyway = waiting.findIndex((place) => place !== change.place && flow.tasks[place]?.runsAnyway);
    const lost = runsAnyway < 0 ? waiting : waiting.slice(0, runsAnyway);
    return lost.flatMap((place) => {
      const id = flow.ids[place] ?? '';
      const { status = 'dead' } = tasks.get(id) ?? {};
      const began = notes.slice(change.notes).some((note) => note.what === 'start' && note.id === id);
      return status === 'dead' && !began
        ? []
        : [`task ${place} was cancelled with ${change.place}; it is ${status}, began: ${began}`];
    });
  });
}

/** Each attempt began when what it waits for had ended, and got exactly those ends. */
export function judgeRuns({ tasks, notes }: End, { flows, changes }: History): string[] {
  const places = new Map(
    flows.flatMap((flow) => flow.ids.map((id, place) => [id, { flow, place }] as const)),
  );
  const results = new Map<string, Set<string>>();
  const died = new Set<string>();
  const violations: string[] = [];
  for (const note of notes) {
    if (note.what === 'death') died.add(note.id);
    if (note.what === 'end') results.set(note.id, (results.get(note.id) ?? new Set()).add(note.result ?? ''));
    const at = places.get(note.id);
    if (note.what !== 'start' || at === undefined) continue;
    const { flow, place } = at;
    const { waitsFor = [], runsAnyway = false } = flow.tasks[place] ?? {};
    const { inputs = [] } = note;
    const expected = waitsFor.map((each) => flow.ids[each]).join();
    const got = inputs.map(({ id }) => id).join();
    if (got !== expected) violations.push(`${note.id} began with the ends of ${got}; expected ${expected}`);
    for (const [i, { id, status, result, error }] of inputs.entries()) {
      const child = waitsFor[i] ?? 0;
      const what = `task ${place} of flow ${flow.number} began with ${status} ${result} ${error} of task ${child}`;
      const stored = tasks.get(id)?.result;
      if (status === 'completed') {
        if (!results.get(id)?.has(String(result))) violations.push(`${what}, which never returned that`);
        else if (stored !== undefined && stored !== result)
          violations.push(`${what}, whose result is ${stored}`);
        continue;
      }
      const ofFlow = changes.get(flow.number) ?? [];
      const isDead =
        died.has(id) || isReached(flow, ofFlow, 'cancel', child) || isReached(flow, ofFlow, 'remove', child);
      if (!runsAnyway || !isDead) violations.push(what);
    }
  }
  return violations;
}

function describeFlow(flow: Flow, changes: readonly Change[], { tasks, notes }: End): string {
  const lines = flow.ids.map((id, place) => {
    const { status, error } = tasks.get(id) ?? {};
    const ofTask = notes.flatMap((note, at) => (note.id === id ? [`${at} ${note.what}`] : []));
    return `  ${place} ${id} ${JSON.stringify(flow.tasks[place])} ${status} ${error}: ${ofTask.join(', ')}`;
  });
  return [
    JSON.stringify(flow.request),
    ...lines,
    ...changes.map((change) => `  ${JSON.stringify(change)}`),
  ].join('\n');
}

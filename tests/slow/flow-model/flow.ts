import type { MemberRequest, TaskRequest } from '../../../src/shared/http-contract/tasks.ts';
import type { SeededRandom } from '../../faults/history/seeded-random.ts';
import type { Work } from './handlers.ts';

/** A task of a flow, as the model has it. Tasks are named by their places in the flow. */
export interface ModelTask {
  /** In the order in which its handler gets their ends. */
  readonly waitsFor: readonly number[];
  /** The task that waits for it. */
  readonly parent: number | undefined;
  /** It runs although a task is dead for which it waits. */
  readonly runsAnyway: boolean;
}

/** One submission: the task itself is 0, then its children, then those of `next`. */
export interface Flow {
  readonly number: number;
  readonly request: TaskRequest;
  readonly tasks: readonly ModelTask[];
  /** The ids of the tasks, once they are accepted. */
  ids: readonly string[];
}

/** Due long after the end of the test, unless it is made due by hand. */
const FAR_MS = 3_600_000;

export function randomFlow(random: SeededRandom, number: number): Flow {
  const childCount = random.between(0, 4);
  const nextCount = childCount === 0 ? random.between(1, 3) : random.between(0, 2);
  const runsAnyway = childCount > 0 && random.next() < 0.3;
  const member = (task: number, isChild: boolean): MemberRequest => {
    const kind = random.next();
    const payload: Work = {
      flow: number,
      task,
      ms: kind < 0.1 ? random.between(300, 2_000) : random.between(0, 60),
      failsOnce: random.next() < 0.1,
      dies: random.next() < 0.2,
    };
    const delay_ms = isChild && kind > 0.95 ? FAR_MS : kind > 0.85 ? random.between(100, 1_500) : 0;
    return { event_type: 'work', payload, ...(delay_ms > 0 && { delay_ms }), priority: random.between(0, 2) };
  };
  const children = Array.from({ length: childCount }, (_, i) => member(1 + i, true));
  const next = Array.from({ length: nextCount }, (_, i) => member(1 + childCount + i, false));
  const firstNext = nextCount > 0 ? 1 + childCount : undefined;
  const last = childCount + nextCount;
  return {
    number,
    request: {
      ...member(0, false),
      ...(childCount > 0 && { children }),
      ...(nextCount > 0 && { next }),
      ...(runsAnyway && { on_child_dead: 'run' }),
    },
    tasks: [
      { waitsFor: children.map((_, i) => 1 + i), parent: firstNext, runsAnyway },
      ...children.map(() => ({ waitsFor: [], parent: 0, runsAnyway: false })),
      ...next.map((_, i) => {
        const place = 1 + childCount + i;
        const parent = place === last ? undefined : place + 1;
        return { waitsFor: [i === 0 ? 0 : place - 1], parent, runsAnyway: false };
      }),
    ],
    ids: [],
  };
}

/** The task and all that wait for it, directly or through others. */
export function upwards(flow: Flow, place: number): number[] {
  const parent = flow.tasks[place]?.parent;
  return parent === undefined ? [place] : [place, ...upwards(flow, parent)];
}

/** The task and all that it waits for, directly or through others. */
export function downwards(flow: Flow, place: number): number[] {
  return [place, ...(flow.tasks[place]?.waitsFor ?? []).flatMap((each) => downwards(flow, each))];
}

import { EVENT_TYPE_PATTERN, MAX_CHAIN, MAX_CHILDREN } from '../http-contract/limits.ts';

/** A task of the same submission. */
export interface FlowTask {
  readonly id: string;
  readonly eventType: string;
}

/** A task as a flow keeps it: its id and event type. */
type Kept = readonly [string, string];

/** What a task's data say of the tasks of its submission. */
export interface KeptFlow {
  /** For which tasks it waits. */
  readonly children?: readonly Kept[];
  /** The task before it in a chain: it waits for that one. */
  readonly previous?: Kept;
  /** Those that follow it, one after the other. The first task of a chain knows them all. */
  readonly next?: readonly Kept[];
  /** Of the children, and of the tasks that follow, as they were submitted. The task that was submitted has it. */
  readonly digest?: string;
}

export interface Flow {
  readonly children: readonly FlowTask[];
  readonly previous: FlowTask | undefined;
  readonly next: readonly FlowTask[];
  readonly digest: string | undefined;
}

/** Reads what a task's data have as `flow`. Anything may be in Redis: what cannot be read counts as not there. */
export function parseFlow(given: unknown): Flow {
  const { children, previous, next, digest } = (given ?? {}) as Readonly<Record<string, unknown>>; // checked below
  return {
    children: tasksOf(children, MAX_CHILDREN),
    previous: taskOf(previous)[0],
    next: tasksOf(next, MAX_CHAIN),
    digest: typeof digest === 'string' ? digest : undefined,
  };
}

function tasksOf(given: unknown, most: number): FlowTask[] {
  return Array.isArray(given) ? given.slice(0, most).flatMap(taskOf) : [];
}

const EVENT_TYPE = new RegExp(EVENT_TYPE_PATTERN);
const ID = /^[^:]{1,200}$/;

function taskOf(given: unknown): FlowTask[] {
  const [id, eventType] = Array.isArray(given) ? given : [];
  const isSound =
    typeof id === 'string' && ID.test(id) && typeof eventType === 'string' && EVENT_TYPE.test(eventType);
  return isSound ? [{ id, eventType }] : [];
}

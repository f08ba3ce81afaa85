import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChildResult, Handlers, TaskContext } from '../../../src/workers/handler.ts';

/*
 * Handlers that note in the file that RUNS_FILE names what each attempt got, and what it returned. The file has the order in
 * which all processes wrote.
 */

/** What a task of a random flow does. */
export interface Work {
  readonly flow: number;
  /** Its place among the tasks of the flow. */
  readonly task: number;
  readonly ms: number;
  /** Its first attempt fails. */
  readonly failsOnce: boolean;
  /** It dies until a file says that it is mended: see `mendedFile`. */
  readonly dies: boolean;
}

export interface Note {
  readonly what: 'start' | 'end' | 'death';
  readonly id: string;
  /** Of a start: how the tasks before it ended. */
  readonly inputs?: readonly ChildResult[];
  /** Of an end: what the handler returned. */
  readonly result?: string;
}

const RUNS_FILE = process.env.RUNS_FILE ?? '';

export const mendedFile = (runsFile: string, { flow, task }: Pick<Work, 'flow' | 'task'>) =>
  `${runsFile}.${flow}.${task}`;
/** Once this file is there, all tasks are mended. */
export const allMendedFile = (runsFile: string) => `${runsFile}.all`;

function note(line: Note): void {
  appendFileSync(RUNS_FILE, `${JSON.stringify(line)}\n`);
}

async function work({ id, payload, attempt, children, previous, signal }: TaskContext): Promise<string> {
  const { flow, task, ms, failsOnce, dies } = payload as Work; // the test sends it
  note({ what: 'start', id, inputs: previous === undefined ? children : [...children, previous] });
  await sleep(ms, undefined, { signal });
  if (failsOnce && attempt === 1) throw new Error('the first time');
  const isMended = () =>
    existsSync(mendedFile(RUNS_FILE, { flow, task })) || existsSync(allMendedFile(RUNS_FILE));
  if (dies && !isMended()) {
    note({ what: 'death', id });
    throw Object.assign(new Error('as asked'), { retryable: false });
  }
  const result = randomUUID();
  note({ what: 'end', id, result });
  return result;
}

export const handlers: Handlers = { work };

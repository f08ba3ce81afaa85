import { pino } from 'pino';
import { asProgress } from '../shared/progress.ts';
import type { TaskContext } from '../workers/handler.ts';

/** What a test may set. Everything else has the value that a first attempt has. */
export interface TestTask<P> extends Partial<Omit<TaskContext, 'payload' | 'logger' | 'progress'>> {
  readonly payload: P;
}

/** A task as a handler gets it, and what the handler logged and reported. */
export interface TestContext<P> extends Omit<TaskContext, 'payload'> {
  readonly payload: P;
  /** The lines that the handler has logged so far, oldest first, each with its `level` and its `msg`. */
  readonly logs: readonly LoggedLine[];
  /** What the handler has reported so far, oldest first. */
  readonly reported: readonly unknown[];
}

export interface LoggedLine {
  /** As pino has it: 20 debug, 30 info, 40 warn, 50 error. */
  readonly level: number;
  readonly msg?: string;
  readonly [field: string]: unknown;
}

/** Returns what to call a handler with in a test: `await handler(createTestContext({ payload }))`. */
export function createTestContext<P>({ payload, ...task }: TestTask<P>): TestContext<P> {
  const logs: LoggedLine[] = [];
  const reported: unknown[] = [];
  const write = (line: string) => void logs.push(JSON.parse(line) as LoggedLine); // as pino writes it
  return {
    id: 'test-task',
    eventType: 'test',
    attempt: 1,
    children: [],
    previous: undefined,
    traceparent: undefined,
    tracestate: undefined,
    signal: new AbortController().signal,
    ...task,
    payload,
    logger: pino({ level: 'trace', base: null }, { write }),
    progress: (value) => void reported.push(asProgress(value)),
    logs,
    reported,
  };
}

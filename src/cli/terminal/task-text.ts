import type { AnyHandlers, Client, components } from '../../client/index.ts';
import { EXIT } from '../exit-codes.ts';
import { oneLine, shownAge, tableLines } from './table.ts';
import type { Terminal } from './terminal.ts';

/* How tasks look on the terminal. */

type Schemas = components['schemas'];

export interface Printing {
  readonly terminal: Terminal;
  readonly isJson: boolean;
}

const COLOURS = {
  queued: 'blue',
  delayed: 'yellow',
  active: 'cyan',
  completed: 'green',
  dead: 'red',
} as const;

export function printSummary(task: Schemas['TaskSummary'], { terminal, isJson }: Printing): void {
  if (isJson) terminal.json(task);
  else terminal.line(`${terminal.styled(COLOURS[task.status], task.status)}  ${task.event_type}  ${task.id}`);
}

/** Prints one line a task: status, event type, attempts, age, id, and why the last attempt failed. */
export function printList(tasks: readonly Schemas['ListedTask'][], terminal: Terminal): void {
  const now = Date.now();
  const rows = tasks.map((task) => [
    task.status,
    task.event_type,
    `${task.attempts}/${task.max_attempts}`,
    shownAge(task.created_at, now),
    task.id,
    oneLine(task.error?.message ?? ''),
  ]);
  const header = ['STATUS', 'TYPE', 'ATTEMPTS', 'AGE', 'ID', 'ERROR'];
  for (const line of tableLines([header, ...rows], terminal.columns)) terminal.line(line);
}

export function printTask(task: Schemas['Task'], { terminal, isJson }: Printing): void {
  if (isJson) terminal.json(task);
  else for (const line of tableLines(rowsOf(task, terminal), undefined)) terminal.line(line);
}

function rowsOf(task: Schemas['Task'], terminal: Terminal): string[][] {
  const { id, status, error, payload, result } = task;
  const times = [
    ['created', task.created_at],
    ['due', task.scheduled_at],
    ['started', task.started_at],
    ['finished', task.finished_at],
    ['no handler since', task.unhandled_since],
  ].filter(([, time]) => time !== null);
  return [
    ['id', id],
    ['type', task.event_type],
    ['status', terminal.styled(COLOURS[status], status)],
    ['attempts', `${task.attempts} of ${task.max_attempts}`],
    ['priority', `${task.priority}`],
    ...times,
    ['payload', JSON.stringify(payload)],
    ...(status === 'completed' ? [['result', JSON.stringify(result)]] : []),
    ...(error === null ? [] : [['error', oneLine(error.message)]]),
  ].map((row) => row.map((cell) => cell ?? ''));
}

/** Waits for the end of a task and prints it; on the way its statuses. Returns the exit code. */
export async function endOf(
  id: string,
  { api, ...printing }: Printing & { readonly api: Client<AnyHandlers> },
): Promise<number> {
  const { terminal, isJson } = printing;
  const onStatus = (status: string) => {
    if (!isJson) terminal.note(`${new Date().toISOString()}  ${status}`);
  };
  const task = await api.wait(id, { onStatus });
  printTask(task as Schemas['Task'], printing); // its types by event type are narrower than the API's
  return task.status === 'dead' ? EXIT.taskDead : EXIT.done;
}

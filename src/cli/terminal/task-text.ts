import type { AnyHandlers, Client, components } from '../../client/index.ts';
import { EXIT } from '../exit-codes.ts';
import { shownAge, tableLines } from './table.ts';
import type { Terminal } from './terminal.ts';
import { oneLine, visibleJson } from './visible-text.ts';

/* How tasks look on the terminal. */

type Schemas = components['schemas'];

export interface Printing {
  readonly terminal: Terminal;
  readonly isJson: boolean;
}

const COLOURS = {
  queued: 'blue',
  delayed: 'yellow',
  blocked: 'yellow',
  active: 'cyan',
  completed: 'green',
  dead: 'red',
} as const satisfies Record<Schemas['TaskStatus'], string>;

export const STATUSES = Object.keys(COLOURS) as readonly Schemas['TaskStatus'][]; // as its type says

export function printSummary(task: Schemas['TaskSummary'], { terminal, isJson }: Printing): void {
  if (isJson) terminal.json(task);
  else
    terminal.line(
      `${terminal.styled(COLOURS[task.status], task.status)}  ${oneLine(task.event_type)}  ${oneLine(task.id)}`,
    );
}

/** Prints one line a task: status, event type, attempts, age, id, and why the last attempt failed. */
export function printList(tasks: readonly Schemas['ListedTask'][], terminal: Terminal): void {
  const now = Date.now();
  const rows = tasks.map((task) => [
    task.status,
    oneLine(task.event_type),
    `${task.attempts}/${task.max_attempts}`,
    shownAge(task.created_at, now),
    oneLine(task.id),
    oneLine(task.error?.message ?? ''),
  ]);
  const header = ['STATUS', 'TYPE', 'ATTEMPTS', 'AGE', 'ID', 'ERROR'];
  for (const line of tableLines([header, ...rows], terminal.columns)) terminal.line(line);
}

type Calling = Printing & { readonly api: Client<AnyHandlers> };

/** Reads a task and prints it; for people with its attempts. */
export async function showTask(id: string, calling: Calling): Promise<void> {
  await printTask((await calling.api.get(id)) as Schemas['Task'], calling); // its types by event type are narrower than the API's
}

async function printTask(task: Schemas['Task'], { api, terminal, isJson }: Calling): Promise<void> {
  if (isJson) return terminal.json(task);
  const history = await api.history(task.id).catch(() => NO_HISTORY); // an older orchestrator has none
  const lines = tableLines(rowsOf(task, terminal), undefined);
  for (const line of [...lines, ...historyLines(history, terminal)]) terminal.line(line);
}

/** Later than any time. */
const NOT_YET = '~';

const CHANGES: Readonly<Record<string, string>> = {
  'task.retry': 'retried',
  'task.cancel': 'cancelled',
  'task.run': 'made due now',
};

const NO_HISTORY: Schemas['TaskHistory'] = { attempts: [], changes: [] };

/** A line for each attempt and change. An attempt stands where it ended: it may begin in the millisecond of a retry. */
function historyLines({ attempts, changes }: Schemas['TaskHistory'], terminal: Terminal): string[] {
  const entries = [
    ...changes.map(({ action, by, at }) => ({
      until: at ?? '',
      row: [at ?? '', CHANGES[action] ?? oneLine(action), '', '', `by ${oneLine(by)}`, ''],
    })),
    ...attempts.map(({ number, started_at, ended_at, worker, outcome, error }) => ({
      until: ended_at ?? NOT_YET,
      row: [
        started_at ?? '',
        `attempt ${number}`,
        outcome,
        started_at && ended_at ? `${(Date.parse(ended_at) - Date.parse(started_at)) / 1000} s` : '',
        oneLine(worker ?? ''),
        oneLine(error?.message ?? ''),
      ],
    })),
  ].toSorted((a, b) => (a.until < b.until ? -1 : a.until > b.until ? 1 : 0));
  if (entries.length === 0) return [];
  const header = ['AT', 'WHAT', 'OUTCOME', 'RAN', 'WORKER', 'ERROR'];
  return ['', ...tableLines([header, ...entries.map(({ row }) => row)], terminal.columns)];
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
    ['id', oneLine(id)],
    ['type', oneLine(task.event_type)],
    ['status', terminal.styled(COLOURS[status], status)],
    ['attempts', `${task.attempts} of ${task.max_attempts}`],
    ['priority', `${task.priority}`],
    ...times,
    ...(task.paused ? [['paused', `since ${task.paused.since ?? '?'} by ${oneLine(task.paused.by)}`]] : []),
    ...relatedRows('parent', task.parent == null ? [] : [task.parent]),
    ...relatedRows('child', task.children),
    ...relatedRows('next', task.next),
    ['payload', visibleJson(payload)],
    ...(status === 'completed' ? [['result', visibleJson(result)]] : []),
    ...(error === null ? [] : [['error', oneLine(error.message)]]),
  ].map((row) => row.map((cell) => cell ?? ''));
}

/** An older orchestrator names none. */
function relatedRows(name: string, tasks: readonly Schemas['RelatedTask'][] = []): string[][] {
  return tasks.map(({ id, event_type, status }) => [name, `${event_type}  ${id}  ${status ?? 'removed'}`]);
}

/** Waits for the end of a task and prints it; on the way its statuses. Returns the exit code. */
export async function endOf(id: string, calling: Calling): Promise<number> {
  const { api, terminal, isJson } = calling;
  const onStatus = (status: string) => {
    if (!isJson) terminal.note(`${new Date().toISOString()}  ${status}`);
  };
  const task = await api.wait(id, { onStatus });
  await printTask(task as Schemas['Task'], calling); // as above
  return task.status === 'dead' ? EXIT.taskDead : EXIT.done;
}

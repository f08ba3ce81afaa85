import { setTimeout as sleep } from 'node:timers/promises';
import type { AnyHandlers, Client, ListOptions, TaskStatus } from '../../client/index.ts';
import { type Command, text, wholeNumber } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { type Printing, printList, printSummary } from '../terminal/task-text.ts';

const LOOK_INTERVAL_MS = 1_000;
/** The most that one request may ask for. */
const MOST_TASKS = 200;

export const tasks: Command = {
  usage: '',
  description:
    'Lists tasks: active, queued, delayed, dead and completed ones, newest first within each status.',
  options: {
    status: {
      type: 'string',
      value: 'STATUS',
      description: 'only queued, delayed, active, completed or dead ones',
    },
    type: { type: 'string', value: 'TYPE', description: 'only of this event type' },
    limit: { type: 'string', value: 'NUMBER', description: 'how many at most, from 1 to 200 (default: 50)' },
    cursor: {
      type: 'string',
      value: 'CURSOR',
      description: 'where the next page begins: the list before ends with it',
    },
    follow: {
      type: 'boolean',
      short: 'f',
      description: 'goes on, and prints each of the first 200 tasks whose status changes; Ctrl-C ends it',
    },
    json: { type: 'boolean', description: 'prints JSON, with --follow a line for each change' },
  },
  arguments: { least: 0, most: 0 },
  run: async ({ values, isJson, terminal, client }) => {
    const filter = {
      status: text(values, 'status') as TaskStatus | undefined, // the orchestrator refuses others
      event_type: text(values, 'type'),
      limit: wholeNumber(values, 'limit'),
      cursor: text(values, 'cursor'),
    };
    const printing = { isJson, terminal };
    if (values.follow === true) return follow(client(60_000), filter, printing);
    const page = await client().list(filter);
    if (isJson) terminal.json(page);
    else printList(page.tasks, terminal);
    if (!isJson && page.next_cursor !== null) terminal.note(`more: asdlc tasks --cursor ${page.next_cursor}`);
    return EXIT.done;
  },
};

/** Never returns: the user ends it. */
async function follow(
  api: Client<AnyHandlers>,
  filter: ListOptions<AnyHandlers>,
  printing: Printing,
): Promise<number> {
  let seen = new Map<string, string>();
  for (;;) {
    const { tasks } = await api.list({ limit: MOST_TASKS, ...filter });
    const changed = tasks.filter(({ id, status }) => seen.get(id) !== status);
    for (const task of changed.reverse()) printSummary(task, printing);
    seen = new Map(tasks.map(({ id, status }) => [id, status]));
    await sleep(LOOK_INTERVAL_MS);
  }
}

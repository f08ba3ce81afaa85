import { setTimeout as sleep } from 'node:timers/promises';
import type { AnyHandlers, Client, EventsOptions, ListOptions } from '../../client/index.ts';
import { type Command, text, wholeNumber } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { type Printing, printList, printSummary } from '../terminal/task-text.ts';
import { FILTER_OPTIONS, filterOf } from './filter.ts';

/** The list is read at most so often, and without news so often. */
const LOOK_INTERVAL_MS = 1_000;
const IDLE_INTERVAL_MS = 30_000;
/** The most that one request may ask for. */
const MOST_TASKS = 200;

export const tasks: Command = {
  usage: '',
  description: `Lists tasks: active, queued, delayed, blocked, dead and completed ones. Within each status those come first that were submitted
(queued), started (active), became due (delayed), began to wait (blocked) or ended (dead, completed) last.`,
  options: {
    ...FILTER_OPTIONS,
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
      ...filterOf(values),
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
  const news = new TaskNews(api, filter);
  for (;;) {
    const next = news.next();
    const { tasks } = await api.list({ limit: MOST_TASKS, ...filter });
    const changed = tasks.filter(({ id, status }) => seen.get(id) !== status);
    for (const task of changed.reverse()) printSummary(task, printing);
    seen = new Map(tasks.map(({ id, status }) => [id, status]));
    await sleep(LOOK_INTERVAL_MS);
    await next;
  }
}

/** Says when something happens to tasks. An orchestrator that cannot tell is asked every second, as if always. */
class TaskNews {
  #wake: () => void = () => undefined;
  #canTell = true;

  constructor(api: Client<AnyHandlers>, filter: ListOptions<AnyHandlers>) {
    void this.#followAll(api, filter);
  }

  /** Resolves at the next news from now on, or after 30 s. */
  async next(): Promise<void> {
    const happened = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    if (this.#canTell) await Promise.race([happened, sleep(IDLE_INTERVAL_MS)]);
  }

  /** Each queue has a stream of its own. */
  async #followAll(api: Client<AnyHandlers>, { event_type, queue }: ListOptions<AnyHandlers>): Promise<void> {
    const all = queue === undefined ? await api.queue().catch(() => undefined) : undefined;
    const queues = all?.queues?.map((each) => each.queue) ?? [queue];
    await Promise.all(queues.map((each) => this.#follow(api, { event_type, queue: each })));
  }

  async #follow(api: Client<AnyHandlers>, filter: EventsOptions<AnyHandlers>): Promise<void> {
    try {
      for await (const _ of api.events(filter)) this.#wake();
    } catch {
      this.#canTell = false;
      this.#wake();
    }
  }
}

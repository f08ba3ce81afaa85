import type { AnyHandlers, BulkAction, BulkFilter, Client } from '../../client/index.ts';
import { type Command, type Input, JSON_OPTION, text } from '../command.ts';
import { EXIT, exitCodeOf, optionInvalid } from '../exit-codes.ts';
import { printSummary } from '../terminal/task-text.ts';
import { oneLine } from '../terminal/visible-text.ts';
import { FILTER_OPTIONS, filterOf } from './filter.ts';

/* Commands that change tasks or the queue. */

const DRY_RUN = {
  'dry-run': { type: 'boolean', description: 'counts the tasks that match, and changes none' },
} as const;

const PAUSE_OPTIONS = {
  type: { type: 'string', value: 'TYPE', description: 'only tasks of this event type' },
  queue: { type: 'string', value: 'QUEUE', description: 'only this queue' },
} as const;

export const retry = ofTasks(
  'retry',
  'Queues dead tasks again, with all their attempts, due now.',
  async (api, id, input) => printSummary(await api.retry(id), input),
);

export const cancel = ofTasks(
  'cancel',
  'Ends tasks that wait, and asks the workers to end those that run. They end dead, and are not tried again.',
  async (api, id, input) => printSummary(await api.cancel(id), input),
);

export const run = ofTasks('run_now', 'Makes delayed tasks due now.', async (api, id, input) =>
  printSummary(await api.runNow(id), input),
);

export const remove = ofTasks(
  'remove',
  'Removes tasks and all that is kept of them. A task that runs cannot be removed.',
  async (api, id, { terminal, isJson }) => {
    await api.remove(id);
    if (isJson) terminal.json({ id, removed: true });
    else terminal.line(`removed  ${oneLine(id)}`);
  },
);

export const pause = ofQueue(
  'pause',
  'Stops all workers from taking tasks, of one event type or of all. Running tasks go on.',
);

export const resume = ofQueue(
  'resume',
  'Lets workers take tasks again. A paused event type stays paused until --type names it.',
);

/**
 * A command for one or more ids, or for all tasks that match. With ids it goes on after a failure; the exit code is that of
 * the last one.
 */
function ofTasks(
  action: BulkAction,
  description: string,
  change: (api: Client<AnyHandlers>, id: string, input: Input) => Promise<void>,
): Command {
  return {
    usage: '[ID...]',
    description: `${description}\nInstead of ids, options name all tasks that match.`,
    options: { ...FILTER_OPTIONS, ...DRY_RUN, ...JSON_OPTION },
    arguments: { least: 0, most: Number.POSITIVE_INFINITY },
    run: async (input) => {
      const filter = filterOf(input.values);
      const isFiltered = Object.keys(filter).length > 0;
      if (isFiltered === input.arguments.length > 0)
        throw optionInvalid(
          `asdlc ${action === 'run_now' ? 'run' : action}: expected ids, or a filter such as --type; got ${isFiltered ? 'both' : 'neither'}`,
        );
      if (isFiltered) return changeAll(action, filter, input);
      const api = input.client();
      let exitCode: number = EXIT.done;
      for (const id of input.arguments) {
        try {
          await change(api, id, input);
        } catch (error) {
          exitCode = exitCodeOf(error);
          input.terminal.note(`asdlc: ${id}: ${(error as Error).message}`); // the client throws errors only
        }
      }
      return exitCode;
    },
  };
}

/** Prints the sums, and how far it is on the way. */
async function changeAll(action: BulkAction, filter: BulkFilter, input: Input): Promise<number> {
  const { terminal, isJson, values } = input;
  const isDryRun = values['dry-run'] === true;
  const sums = await input.client(60_000).changeAll(action, filter, {
    dryRun: isDryRun,
    onProgress: ({ matched }) => {
      if (!isJson) terminal.note(`${matched} so far`);
    },
  });
  if (isJson) terminal.json(sums);
  else if (isDryRun) terminal.line(`matched: ${sums.matched}`);
  else terminal.line(`matched: ${sums.matched}, done: ${sums.done}, failed: ${sums.failed}`);
  return sums.failed > 0 ? EXIT.failed : EXIT.done;
}

function ofQueue(action: 'pause' | 'resume', description: string): Command {
  return {
    usage: '',
    description,
    options: { ...PAUSE_OPTIONS, ...JSON_OPTION },
    arguments: { least: 0, most: 0 },
    run: async ({ client, isJson, terminal, values }) => {
      const event_type = text(values, 'type');
      const queue = text(values, 'queue');
      if (event_type !== undefined && queue !== undefined)
        throw optionInvalid(
          `asdlc ${action}: expected --type or --queue; got both. A type is paused in all queues`,
        );
      const { handled } = await client()[action]({ event_type, queue });
      if (handled === false) terminal.note(`asdlc: no live worker handles the event type ${event_type}`);
      const paused = action === 'pause';
      if (isJson) terminal.json({ paused, ...(event_type !== undefined && { event_type }) });
      else terminal.line(pauseText(paused, event_type, queue));
      return EXIT.done;
    },
  };
}

function pauseText(isPaused: boolean, eventType: string | undefined, queue: string | undefined): string {
  const name = queue === undefined ? 'The queue' : `The queue ${queue}`;
  if (eventType === undefined)
    return isPaused ? `${name} is paused: workers take no tasks.` : `${name} goes on: workers take tasks.`;
  return isPaused
    ? `The event type ${eventType} is paused: workers take none of its tasks.`
    : `The event type ${eventType} goes on: workers take its tasks.`;
}

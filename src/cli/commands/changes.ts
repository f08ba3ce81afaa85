import type { AnyHandlers, Client } from '../../client/index.ts';
import { type Command, type Input, JSON_OPTION } from '../command.ts';
import { EXIT, exitCodeOf } from '../exit-codes.ts';
import { printSummary } from '../terminal/task-text.ts';

/* Commands that change tasks or the queue. */

export const retry = ofTasks(
  'Queues dead tasks again, with all their attempts, due now.',
  async (api, id, input) => printSummary(await api.retry(id), input),
);

export const cancel = ofTasks(
  'Removes tasks and all that is kept of them. A task that runs cannot be removed.',
  async (api, id, { terminal, isJson }) => {
    await api.cancel(id);
    if (isJson) terminal.json({ id, removed: true });
    else terminal.line(`removed  ${id}`);
  },
);

export const pause = ofQueue('Stops all workers from taking tasks. Running tasks go on.', async (api) => {
  await api.pause();
  return { paused: true, text: 'The queue is paused: workers take no tasks.' };
});

export const resume = ofQueue('Lets workers take tasks again.', async (api) => {
  await api.resume();
  return { paused: false, text: 'The queue goes on: workers take tasks.' };
});

/** A command for one or more ids. It goes on after a failure; the exit code is that of the last one. */
function ofTasks(
  description: string,
  change: (api: Client<AnyHandlers>, id: string, input: Input) => Promise<void>,
): Command {
  return {
    usage: 'ID...',
    description,
    options: JSON_OPTION,
    arguments: { least: 1, most: Number.POSITIVE_INFINITY },
    run: async (input) => {
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

function ofQueue(
  description: string,
  change: (api: Client<AnyHandlers>) => Promise<{ paused: boolean; text: string }>,
): Command {
  return {
    usage: '',
    description,
    options: JSON_OPTION,
    arguments: { least: 0, most: 0 },
    run: async ({ client, isJson, terminal }) => {
      const { paused, text } = await change(client());
      if (isJson) terminal.json({ paused });
      else terminal.line(text);
      return EXIT.done;
    },
  };
}

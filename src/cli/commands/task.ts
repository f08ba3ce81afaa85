import { type Command, JSON_OPTION } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { endOf, showTask } from '../terminal/task-text.ts';

export const task: Command = {
  usage: 'ID',
  description: 'Shows a task with its payload, its result and its attempts.',
  options: {
    follow: { type: 'boolean', short: 'f', description: 'waits until the task has ended' },
    ...JSON_OPTION,
  },
  arguments: { least: 1, most: 1 },
  run: async ({ arguments: [id = ''], values, isJson, terminal, client }) => {
    if (values.follow === true) return endOf(id, { api: client(60_000), terminal, isJson });
    await showTask(id, { api: client(), terminal, isJson });
    return EXIT.done;
  },
};

import { type Command, JSON_OPTION, text } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { shownAge, tableLines } from '../terminal/table.ts';
import { oneLine } from '../terminal/visible-text.ts';
import { FILTER_OPTIONS, statusOf } from './filter.ts';

const STATUSES = ['dead', 'delayed'] as const;

export const errors: Command = {
  usage: '',
  description: `Groups the errors of dead tasks by event type and message, the largest group first. Ids and numbers in a message
do not count.`,
  options: {
    status: {
      type: 'string',
      value: 'STATUS',
      description: 'dead (the default), or delayed: of tasks between two attempts',
    },
    queue: FILTER_OPTIONS.queue,
    type: FILTER_OPTIONS.type,
    ...JSON_OPTION,
  },
  arguments: { least: 0, most: 0 },
  run: async ({ values, isJson, terminal, client }) => {
    const found = await client().errors({
      status: statusOf(values, STATUSES),
      queue: text(values, 'queue'),
      event_type: text(values, 'type'),
    });
    if (isJson) terminal.json(found);
    if (isJson) return EXIT.done;
    const now = Date.now();
    const rows = found.groups.map(({ count, event_type, since, example, error }) => [
      `${count}`,
      oneLine(event_type),
      shownAge(since, now),
      oneLine(example),
      oneLine(error),
    ]);
    const header = ['COUNT', 'TYPE', 'SINCE', 'EXAMPLE', 'ERROR'];
    for (const line of tableLines([header, ...rows], terminal.columns)) terminal.line(line);
    const { left_out, looked_at, total, is_complete } = found;
    if (left_out > 0) terminal.note(`${left_out} smaller groups are left out`);
    if (!is_complete) terminal.note(`of the newest ${looked_at} of ${total} tasks`);
    return EXIT.done;
  },
};

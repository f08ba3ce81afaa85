import type { AnyHandlers, Client, Schedule } from '../../client/index.ts';
import { type Command, type Input, JSON_OPTION } from '../command.ts';
import { EXIT, optionInvalid } from '../exit-codes.ts';
import { shownAge, shownDuration, tableLines } from '../terminal/table.ts';
import { printSummary } from '../terminal/task-text.ts';
import { oneLine } from '../terminal/visible-text.ts';

const ACTIONS: Readonly<
  Record<string, (api: Client<AnyHandlers>, id: string, input: Input) => Promise<void>>
> = {
  pause: async (api, id, input) => printSchedules([await api.schedules.pause(id)], input),
  resume: async (api, id, input) => printSchedules([await api.schedules.resume(id)], input),
  run: async (api, id, input) => printSummary(await api.schedules.run(id), input),
  remove: async (api, id, { isJson, terminal }) => {
    await api.schedules.remove(id);
    if (isJson) terminal.json({ id, removed: true });
    else terminal.line(`removed  ${id}`);
  },
};

const NAMES = Object.keys(ACTIONS).join(', ');

export const schedules: Command = {
  usage: '[pause|resume|run|remove ID]',
  description:
    'Lists recurring tasks with their next and last run. With an action and an id: pauses a schedule, lets it\n' +
    'go on, queues one of its tasks now, or removes it.',
  options: JSON_OPTION,
  arguments: { least: 0, most: 2 },
  run: async (input) => {
    const [name, id] = input.arguments;
    if (name === undefined) {
      const all = await input.client().schedules.list();
      if (input.isJson) input.terminal.json({ schedules: all });
      else printSchedules(all, input);
      return EXIT.done;
    }
    const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
    if (action === undefined)
      throw optionInvalid(`asdlc schedules: expected one of ${NAMES}; got ${JSON.stringify(name)}`);
    if (id === undefined)
      throw optionInvalid(`asdlc schedules ${name}: expected the id of a schedule; got none`);
    await action(input.client(), id, input);
    return EXIT.done;
  },
};

function printSchedules(all: readonly Schedule[], { isJson, terminal }: Input): void {
  const [first] = all;
  if (isJson || first === undefined) {
    if (isJson) terminal.json(first);
    else terminal.note('no schedules');
    return;
  }
  const now = Date.now();
  const rows = all.map((schedule) => [
    schedule.id,
    schedule.event_type,
    timingOf(schedule),
    nextOf(schedule, now),
    lastOf(schedule, now),
  ]);
  for (const line of tableLines([['ID', 'TYPE', 'WHEN', 'NEXT', 'LAST'], ...rows], terminal.columns))
    terminal.line(line);
}

function timingOf({ cron, every_ms, time_zone }: Schedule): string {
  if (every_ms !== null) return `every ${shownDuration(every_ms / 1000)}`;
  return cron === null ? '-' : oneLine(`${cron} ${time_zone ?? ''}`);
}

function nextOf({ problem, paused, next_run_at }: Schedule, nowMs: number): string {
  if (problem !== null) return 'unreadable';
  if (paused) return 'paused';
  return next_run_at === null ? 'never' : `in ${shownDuration((Date.parse(next_run_at) - nowMs) / 1000)}`;
}

function lastOf({ last_run }: Schedule, nowMs: number): string {
  if (last_run === null) return '-';
  return `${shownAge(last_run.queued_at, nowMs)} ago, ${last_run.status ?? 'removed'}`;
}

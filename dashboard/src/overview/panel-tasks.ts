import type { TimeWindow } from '../view/view-parameters.ts';

/** A list of the tasks behind a chart, as the parameters of the tasks page. */
export interface TaskLink {
  readonly text: string;
  readonly filters: Readonly<Record<string, string>>;
}

type Kind = 'ended' | 'dead' | 'slowest' | 'submitted';

/** What a list has; `of` is empty, or names the event type. */
const TEXTS: Readonly<Record<Kind, (of: string) => string>> = {
  ended: (of) => `Tasks${of} that ended`,
  dead: (of) => `Dead tasks${of}`,
  slowest: (of) => `Slowest tasks${of}`,
  submitted: (of) => `Tasks${of} that were submitted`,
};

const OF_TASKS: readonly Kind[] = ['ended', 'dead', 'slowest'];

/** What explains a panel first; the others follow. */
const FIRST: Readonly<Record<string, Kind>> = {
  event_failures: 'dead',
  tasks_given_up: 'dead',
  dead_tasks: 'dead',
  event_duration: 'slowest',
  event_wait: 'slowest',
  worker_slots: 'slowest',
  request_rate: 'submitted',
  error_ratio: 'submitted',
  request_latency: 'submitted',
  submissions: 'submitted',
  queue_depth: 'submitted',
  oldest_age: 'submitted',
};

/** The lists of tasks behind a window of a panel, the one that explains it first. */
export function taskLinks(panel: string, { start, end }: TimeWindow, eventType?: string): TaskLink[] {
  const first = FIRST[panel] ?? 'ended';
  const times = `${Math.floor(start)}-${Math.ceil(end)}`;
  const type = eventType === undefined ? {} : { type: eventType };
  return [...new Set([first, ...OF_TASKS])].map((kind) => ({
    text: TEXTS[kind](eventType === undefined ? '' : ` of ${eventType}`),
    filters: {
      ...(kind === 'dead' && { status: 'dead' }),
      ...type,
      [kind === 'submitted' ? 'submitted' : 'ended']: times,
      ...(kind === 'slowest' && { sort: 'slowest' }),
    },
  }));
}

import type { Tone } from '../ui/status/tone.ts';
import type { TimeWindow } from '../view/view-parameters.ts';

/** What the timeline says happened. All times are Unix seconds. */
export interface TimelineLine {
  readonly time: number;
  /** When it was over; undefined: it is one moment, or it holds still. */
  readonly end?: number;
  /** Whether it holds at the end of the timeline. */
  readonly isNow?: boolean;
  /** Whether it began before the timeline does: then `time` is the timeline's start. */
  readonly isOlder?: boolean;
  /** Whether nobody knows since when it holds: then `time` is when it was seen. */
  readonly isSeenOnly?: boolean;
  readonly tone: Tone;
  readonly text: string;
  /** The panel that shows it. */
  readonly panel?: string;
  /** The tasks that it is about, as parameters of the tasks page. */
  readonly tasks?: Readonly<Record<string, string>>;
  /** Whether the workers page has more. */
  readonly isOfWorkers?: boolean;
  readonly action?: TimelineAction;
  /** A page elsewhere, such as an alert's runbook. */
  readonly runbook?: string | undefined;
}

/** What can be done about it: a link to the tasks page, with its dialog or without. */
export interface TimelineAction {
  readonly text: string;
  readonly tasks: Readonly<Record<string, string>>;
}

/** What holds now comes first, the worst first; then the rest, newest first. */
export function sortedLines(lines: readonly TimelineLine[]): {
  readonly now: readonly TimelineLine[];
  readonly earlier: readonly TimelineLine[];
} {
  const now = lines.filter(({ isNow }) => isNow);
  const earlier = lines.filter(({ isNow }) => !isNow);
  return {
    now: now.toSorted((a, b) => rank(a.tone) - rank(b.tone) || b.time - a.time),
    earlier: earlier.toSorted((a, b) => (b.end ?? b.time) - (a.end ?? a.time) || b.time - a.time),
  };
}

const TONES: readonly Tone[] = ['failure', 'warning', 'active', 'neutral', 'success'];
const rank = (tone: Tone) => TONES.indexOf(tone);

/** The lines within a window. What holds now is within every window that reaches until now. */
export function linesWithin(lines: readonly TimelineLine[], { start, end }: TimeWindow): TimelineLine[] {
  return lines.filter(({ time, end: over = time, isNow }) => (isNow || over >= start) && time <= end);
}

/** `1 task`, `2 tasks`. */
export function counted(count: number, one: string, many: string = `${one}s`): string {
  return `${count === 1 ? '1' : count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

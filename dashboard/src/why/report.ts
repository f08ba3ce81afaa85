import { formatTime } from '../format/time.ts';
import { sortedLines, type TimelineLine } from './line.ts';
import type { Timeline } from './timeline.ts';

export interface ReportOptions {
  readonly timeline: Timeline;
  readonly isUtc: boolean;
  /** The name of the time zone. */
  readonly zone: string;
  /** The address of the timeline, with its window. */
  readonly url: string;
}

/** The timeline as Markdown, oldest line first. */
export function reportOf({ timeline, isUtc, zone, url }: ReportOptions): string {
  const { grid, lines, missing } = timeline;
  const { now, earlier } = sortedLines(lines);
  const time = (seconds: number) => formatTime(seconds, { isUtc });
  const entry = (line: TimelineLine) => `- ${whenOf(line, isUtc)} ${escaped(line.text)}`;
  const oldestFirst = earlier.toSorted((a, b) => a.time - b.time);
  const section = (title: string, entries: readonly string[]) => ['', `## ${title}`, '', ...entries];
  return [
    `# Incident report: ${time(grid.start)} – ${time(grid.end)} (${zone})`,
    '',
    `Source: ${url}`,
    ...section(
      'At the end',
      now.length === 0 ? ['Nothing is wrong that these sources know of.'] : now.map(entry),
    ),
    ...section(
      'What happened',
      oldestFirst.length === 0 ? ['Nothing that these sources know of.'] : oldestFirst.map(entry),
    ),
    ...(missing.length === 0
      ? []
      : section(
          'Not known',
          missing.map(({ source, reason }) => `- ${source}: ${escaped(reason)}`),
        )),
    ...section('What was done, and what is to do', ['- ']),
    '',
  ].join('\n');
}

/** When a line began and ended: `18:03:20 – 18:05:00`, `since 18:03:20`, `before 18:00:00`. */
export function whenOf({ time, end, isNow, isOlder, isSeenOnly }: TimelineLine, isUtc: boolean): string {
  const clock = (seconds: number) => formatTime(seconds, { isUtc, show: 'time' });
  const begin = isOlder ? `before ${clock(time)}` : clock(time);
  if (isSeenOnly) return `at ${clock(time)}`;
  if (isNow) return `since ${begin}`;
  return end === undefined || clock(end) === clock(time) ? begin : `${begin} – ${clock(end)}`;
}

/** Texts of handlers may hold anything: in Markdown they stay texts, on one line. */
function escaped(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_[\]<>#|!]/g, '\\$&');
}

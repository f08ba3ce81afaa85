import { lacks } from '../api/access.ts';
import { StatusDot } from '../ui/status/badge.tsx';
import { hrefAt, hrefTo, isUtc } from '../view/view.ts';
import type { TimelineLine } from './line.ts';
import { whenOf } from './report.ts';
import type { Grid } from './rules/intervals.ts';

/** What the chart of a line shows before and after it, in seconds. */
const AROUND = 600;

export interface TimelineEntryProps {
  readonly line: TimelineLine;
  readonly grid: Grid;
}

/** One line: when, what, and where to go from there. */
export function TimelineEntry({ line, grid }: TimelineEntryProps) {
  const { tone, text, panel, tasks, isOfWorkers, action, runbook, time, end } = line;
  const window = {
    start: Math.max(0, Math.floor(time) - AROUND),
    end: line.isNow ? grid.end : Math.min(grid.end, Math.ceil(end ?? time) + AROUND),
  };
  const maySee = !lacks('tasks:read');
  return (
    <li class={`why-line tone-${tone}`}>
      <StatusDot tone={tone} />
      <time class="why-time" dateTime={new Date(time * 1000).toISOString()}>
        {whenOf(line, isUtc.value)}
      </time>
      <span class="why-text">{text}</span>
      <span class="why-links">
        {panel !== undefined && <a href={hrefAt('/', window, { panel })}>Chart</a>}
        {tasks !== undefined && maySee && <a href={hrefTo('/tasks', tasks)}>Tasks</a>}
        {isOfWorkers && maySee && <a href={hrefTo('/workers')}>Workers</a>}
        {runbook !== undefined && (
          <a href={runbook} target="_blank" rel="noreferrer">
            Runbook
          </a>
        )}
        {action !== undefined && !lacks('tasks:write') && (
          <a href={hrefTo('/tasks', action.tasks)}>{action.text}</a>
        )}
      </span>
    </li>
  );
}

import { hrefTo } from '../view/view.ts';
import type { TimeWindow } from '../view/view-parameters.ts';
import { taskLinks } from './panel-tasks.ts';

export interface TaskLinksProps {
  readonly panel: string;
  readonly window: TimeWindow;
  readonly eventType?: string | undefined;
}

/** Links to the tasks behind a window of a panel. */
export function TaskLinks({ panel, window, eventType }: TaskLinksProps) {
  return (
    <>
      {taskLinks(panel, window, eventType).map(({ text, filters }) => (
        <a key={text} href={hrefTo('/tasks', filters)}>
          {text}
        </a>
      ))}
    </>
  );
}

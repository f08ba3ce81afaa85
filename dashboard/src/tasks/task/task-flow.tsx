import './task-flow.css';
import type { RelatedTask, TaskDetail } from '../../../../src/shared/http-contract/tasks.ts';
import { visibleText } from '../../format/visible-text.ts';
import { search } from '../../navigation/router.ts';
import { Badge } from '../../ui/status/badge.tsx';
import { hrefTo } from '../../view/view.ts';
import { readFilters } from '../list/task-filters.ts';
import { TONES } from './task-status.ts';

/** The tasks for which this one waits or waited, and those that wait for it. */
export function TaskFlow({ task }: { readonly task: TaskDetail }) {
  const parts: readonly (readonly [string, readonly RelatedTask[]])[] = [
    ['Parent', task.parent === null ? [] : [task.parent]],
    ['Children', task.children],
    ['Next', task.next],
  ];
  return (
    <>
      {parts
        .filter(([, tasks]) => tasks.length > 0)
        .map(([title, tasks]) => (
          <section key={title} aria-label={title}>
            <h3 class="task-part">{title}</h3>
            {tasks === task.children && (
              <a class="task-flow-all" href={hrefTo('/tasks', { parent: task.id })}>
                Show in the list
              </a>
            )}
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by the keyboard */}
            <ul class="task-flow" tabIndex={0} aria-label={title}>
              {tasks.map((related) => (
                <li key={related.id}>
                  <Related task={related} />
                </li>
              ))}
            </ul>
          </section>
        ))}
    </>
  );
}

/** Its link keeps the filters of the list behind the dialog. */
function Related({ task: { id, event_type, status } }: { readonly task: RelatedTask }) {
  const name = <bdi>{visibleText(event_type || id)}</bdi>;
  if (status === null) {
    return (
      <>
        {name} <Badge tone="neutral">removed</Badge>
      </>
    );
  }
  return (
    <>
      <a href={hrefTo(`/tasks/${encodeURIComponent(id)}`, { ...readFilters(search.value) })}>{name}</a>
      <Badge tone={TONES[status]}>{status}</Badge>
      <bdi>{visibleText(id.slice(0, 8))}</bdi>
    </>
  );
}

import { signal } from '@preact/signals';
import type { TaskEvent } from '../../../src/shared/http-contract/task-events.ts';
import { documentVisibility } from './document-visibility.ts';

/*
 * One stream of events for the whole tab, open while somebody listens and the tab is visible. `fetch` reads it, because
 * EventSource sends no token. While it cannot be had, the page polls. What reads it is a chunk of its own: the overview does
 * not need it.
 */

/** Undefined: something happened, and nobody knows what. */
export type OnNews = (event: TaskEvent | undefined) => void;

/** Whether news come as they happen. */
export const isFollowing = signal(false);

const listeners = new Set<OnNews>();
let stop: AbortController | undefined;

documentVisibility.onChange(update);

/** Calls `onNews` for each event, until the function that this returns is called. */
export function onTaskNews(onNews: OnNews): () => void {
  listeners.add(onNews);
  update();
  return () => {
    listeners.delete(onNews);
    update();
  };
}

function update(): void {
  const isWanted = listeners.size > 0 && !documentVisibility.isHidden();
  if (isWanted === (stop !== undefined)) return;
  stop?.abort();
  stop = undefined;
  isFollowing.value = false;
  if (!isWanted) return;
  stop = new AbortController();
  const { signal } = stop;
  import('../news/event-stream.ts').then(
    ({ followEvents }) => followEvents(signal, { isFollowing, onNews: tellAll }),
    () => undefined, // the page polls
  );
}

function tellAll(event: TaskEvent | undefined): void {
  for (const onNews of listeners) onNews(event);
}

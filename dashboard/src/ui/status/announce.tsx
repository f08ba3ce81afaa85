import { signal } from '@preact/signals';

const message = signal('');
/** What the tab's title says first, where something is wrong: seen when another tab is in front. */
export const pageNotice = signal('');

/** Has screen readers say a change of state, when they are done with what they say now. */
export function announce(text: string): void {
  message.value = text;
}

export function Announcer() {
  return (
    <div class="visually-hidden" role="status" aria-live="polite">
      {message.value}
    </div>
  );
}

import { signal } from '@preact/signals';

const message = signal('');
/** What the tab's title begins with when something is wrong: visible while another tab is in front. */
export const pageNotice = signal('');

/** Makes screen readers say a change of state, after what they are saying now. */
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

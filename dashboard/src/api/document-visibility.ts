import type { Visibility } from './poller.ts';

/** Whether the tab is hidden. */
export const documentVisibility: Visibility = {
  isHidden: () => document.hidden,
  onChange: (changed) => {
    document.addEventListener('visibilitychange', changed);
    return () => document.removeEventListener('visibilitychange', changed);
  },
};

import type { Visibility } from './poller.ts';

/** The visibility of the browser tab. */
export const documentVisibility: Visibility = {
  isHidden: () => document.hidden,
  onChange: (changed) => {
    document.addEventListener('visibilitychange', changed);
    return () => document.removeEventListener('visibilitychange', changed);
  },
};

import { computed, effect, signal } from '@preact/signals';
import { view } from '../view/view.ts';

const systemDark = window.matchMedia('(prefers-color-scheme: dark)');
const isSystemDark = signal(systemDark.matches);

/** The theme that the page shows: the choice in the URL, else the system's. */
export const theme = computed<'light' | 'dark'>(() => {
  if (view.value.theme !== 'system') return view.value.theme;
  return isSystemDark.value ? 'dark' : 'light';
});

/** Keeps the document's theme in step with the view and with the system. */
export function startTheme(): void {
  systemDark.addEventListener('change', (event) => {
    isSystemDark.value = event.matches;
  });
  effect(() => {
    document.documentElement.dataset.theme = theme.value;
  });
}

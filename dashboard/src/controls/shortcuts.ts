import { signal } from '@preact/signals';
import { refreshAll } from '../api/use-live-data.ts';
import { navigate } from '../navigation/router.ts';
import { changeView, hrefTo, moveWindow, resetZoom, scaleWindow, view } from '../view/view.ts';
import { COMPARISONS, DEFAULT_VIEW, RANGES } from '../view/view-parameters.ts';

export const isHelpOpen = signal(false);

const OFF_KEY = 'asdlc.shortcuts-off';
/** False: single keys do nothing. People who use voice control or screen readers may need that. */
export const areShortcutsOn = signal(window.localStorage.getItem(OFF_KEY) === null);

export function setShortcuts(isOn: boolean): void {
  areShortcutsOn.value = isOn;
  if (isOn) window.localStorage.removeItem(OFF_KEY);
  else window.localStorage.setItem(OFF_KEY, '1');
}

export interface Shortcut {
  /** Values of `event.key`; each of them runs it. */
  readonly keys: readonly string[];
  readonly text: string;
  readonly run: (key: string) => void;
}

export const SHORTCUTS: readonly Shortcut[] = [
  { keys: ['o'], text: 'Overview', run: () => navigate(hrefTo('/')) },
  { keys: ['w'], text: 'What happened', run: () => navigate(hrefTo('/why')) },
  { keys: ['k'], text: 'Tasks', run: () => navigate(hrefTo('/tasks')) },
  { keys: ['e'], text: 'Explore', run: () => navigate(hrefTo('/explore')) },
  { keys: ['r'], text: 'Refresh now', run: refreshAll },
  { keys: ['p'], text: 'Auto-refresh on or off', run: toggleRefresh },
  {
    keys: ['1', '2', '3', '4', '5'],
    text: 'Range: 15m, 1h, 6h, 24h, 7d',
    run: (key) => changeView({ range: RANGES[Number(key) - 1] ?? DEFAULT_VIEW.range, window: null }),
  },
  { keys: ['[', ']'], text: 'Earlier, later', run: (key) => moveWindow(key === '[' ? -0.5 : 0.5) },
  { keys: ['+', '-'], text: 'Zoom in, zoom out', run: (key) => scaleWindow(key === '+' ? 0.5 : 2) },
  { keys: ['0'], text: 'Reset the zoom', run: resetZoom },
  { keys: ['c'], text: 'Compare with an earlier time', run: nextComparison },
  { keys: ['s'], text: 'Choose a service', run: () => document.getElementById('service-select')?.focus() },
  { keys: ['u'], text: 'Local time or UTC', run: toggleTimeZone },
  { keys: ['t'], text: 'Theme: system, light, dark', run: nextTheme },
  {
    keys: ['?'],
    text: 'Help',
    run: () => {
      isHelpOpen.value = true;
    },
  },
];

/** Starts to listen for single keys. It ignores them in inputs and while a dialog is open. */
export function startShortcuts(): void {
  document.addEventListener('keydown', (event) => {
    if (!areShortcutsOn.value || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented)
      return;
    const target = event.target instanceof Element ? event.target : document.body;
    if (target.closest('input, select, textarea, [contenteditable]') !== null) return;
    if (document.querySelector('dialog[open]') !== null) return;
    const shortcut = SHORTCUTS.find(({ keys }) => keys.includes(event.key));
    if (shortcut === undefined) return;
    event.preventDefault();
    shortcut.run(event.key);
  });
}

export function nextTheme(): void {
  const next = { system: 'light', light: 'dark', dark: 'system' } as const;
  changeView({ theme: next[view.value.theme] }, { push: false });
}

function nextComparison(): void {
  const offsets = [null, ...COMPARISONS.map(({ offset }) => offset)];
  changeView({ compare: offsets[(offsets.indexOf(view.value.compare) + 1) % offsets.length] ?? null });
}

function toggleTimeZone(): void {
  changeView({ timeZone: view.value.timeZone === 'utc' ? 'local' : 'utc' }, { push: false });
}

function toggleRefresh(): void {
  const { refreshSeconds } = view.value;
  changeView({ refreshSeconds: refreshSeconds === 0 ? DEFAULT_VIEW.refreshSeconds : 0 }, { push: false });
}

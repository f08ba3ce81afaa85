import './icon.css';

const PATHS = {
  activity: 'M2 8.5h2.6l1.9-5 3 9 1.9-5.5.6 1.5H14',
  check: 'M3.5 8.5l3 3 6-7',
  warning: 'M8 2.5l6 11H2zM8 6.5v3.2M8 11.6v.2',
  cross: 'M4 4l8 8M12 4l-8 8',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  play: 'M5 3.5v9l7-4.5z',
  clock: 'M8 4.5V8l2.4 1.6M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0z',
  refresh: 'M13.2 6.5A5.5 5.5 0 1 0 13.5 9M13.5 3v3.6H9.9',
  sun: 'M8 1.5v1.4M8 13.1v1.4M1.5 8h1.4M13.1 8h1.4M3.4 3.4l1 1M11.6 11.6l1 1M12.6 3.4l-1 1M4.4 11.6l-1 1M11 8a3 3 0 1 1-6 0 3 3 0 0 1 6 0z',
  moon: 'M13.5 9.6A5.7 5.7 0 0 1 6.4 2.5a5.7 5.7 0 1 0 7.1 7.1z',
  system: 'M2 3h12v8H2zM5.5 13.5h5M8 11v2.5',
  table: 'M2.5 3h11v10h-11zM2.5 6.4h11M2.5 9.7h11M6.4 6.4V13',
  chart: 'M2.5 2.5v11h11M5 10.5l2.6-3.4 2.2 1.8 3.4-4.4',
  expand: 'M9.5 2.5h4v4M13.5 2.5l-4.6 4.6M6.5 13.5h-4v-4M2.5 13.5l4.6-4.6',
  explore: 'M10.4 10.4l3.4 3.4M11.5 7a4.5 4.5 0 1 1-9 0 4.5 4.5 0 0 1 9 0z',
  help: 'M6.2 6.2a1.9 1.9 0 1 1 2.7 1.7c-.6.3-.9.7-.9 1.4M8 11.4v.2M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0z',
  left: 'M9.8 3.5L5.3 8l4.5 4.5',
  right: 'M6.2 3.5L10.7 8l-4.5 4.5',
  down: 'M4 6.2l4 4 4-4',
  zoomOut: 'M10.4 10.4l3.4 3.4M11.5 7a4.5 4.5 0 1 1-9 0 4.5 4.5 0 0 1 9 0zM5 7h4',
  empty: 'M2.5 13.5h11M4.5 11V8.5M8 11V5M11.5 11V7',
  key: 'M9.2 6.8L14 2M12 4l1.6 1.6M9.9 9.5a3.4 3.4 0 1 1-6.8 0 3.4 3.4 0 0 1 6.8 0z',
} as const;

export type IconName = keyof typeof PATHS;

/** Decoration beside a text, or inside a button that has a label. Screen readers skip it. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

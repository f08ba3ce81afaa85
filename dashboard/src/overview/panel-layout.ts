export interface PanelPlace {
  readonly name: string;
  /** As the API says it, known before the API has answered: nothing changes when it does. */
  readonly title: string;
}

/** Where each panel of the API goes. Sections hold a multiple of three, so that rows are full on a wide screen. */
export const SECTIONS: readonly { readonly title: string; readonly panels: readonly PanelPlace[] }[] = [
  {
    title: 'Requests',
    panels: [
      { name: 'request_rate', title: 'Requests' },
      { name: 'error_ratio', title: 'Error ratio' },
      { name: 'request_latency', title: 'Request latency' },
    ],
  },
  {
    title: 'Tasks',
    panels: [
      { name: 'events_rate', title: 'Events' },
      { name: 'event_failures', title: 'Failures' },
      { name: 'queue_depth', title: 'Queue depth' },
      { name: 'oldest_age', title: 'Oldest waiting task' },
      { name: 'event_wait', title: 'Wait time' },
      { name: 'event_duration', title: 'Run time' },
    ],
  },
  {
    title: 'Workers, Redis and processes',
    panels: [
      { name: 'worker_slots', title: 'Worker slots' },
      { name: 'redis_up', title: 'Redis connection' },
      { name: 'redis_latency', title: 'Redis latency' },
      { name: 'memory', title: 'Memory' },
      { name: 'cpu', title: 'CPU' },
      { name: 'event_loop_delay', title: 'Event-loop delay' },
    ],
  },
];

const TITLES = new Map(SECTIONS.flatMap(({ panels }) => panels.map(({ name, title }) => [name, title])));

/** A panel's title; for a name that a link made up, the name. */
export function titleOf(name: string): string {
  return TITLES.get(name) ?? name;
}

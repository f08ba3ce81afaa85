/** What the page knows of each panel before the API responds. No imports: the dashboard bundles this file. */

export interface PanelFace {
  readonly name: string;
  readonly title: string;
  readonly section: (typeof PANEL_SECTIONS)[number];
}

/** In the order of the page. A section holds a multiple of three panels, so that rows are full on a wide screen. */
export const PANEL_SECTIONS = ['Requests', 'Tasks', 'Workers, Redis and processes'] as const;

/** All panels, in the order of the page. */
export const PANEL_FACES = [
  { name: 'request_rate', title: 'Requests', section: 'Requests' },
  { name: 'error_ratio', title: 'Error ratio', section: 'Requests' },
  { name: 'request_latency', title: 'Request latency', section: 'Requests' },
  { name: 'events_rate', title: 'Attempts', section: 'Tasks' },
  { name: 'event_failures', title: 'Failing attempts', section: 'Tasks' },
  { name: 'tasks_given_up', title: 'Tasks given up', section: 'Tasks' },
  { name: 'submissions', title: 'Submissions', section: 'Tasks' },
  { name: 'queue_depth', title: 'Queue depth', section: 'Tasks' },
  { name: 'dead_tasks', title: 'Dead tasks kept', section: 'Tasks' },
  { name: 'oldest_age', title: 'Oldest waiting task', section: 'Tasks' },
  { name: 'event_wait', title: 'Wait time', section: 'Tasks' },
  { name: 'event_duration', title: 'Run time', section: 'Tasks' },
  { name: 'worker_slots', title: 'Worker slots', section: 'Workers, Redis and processes' },
  { name: 'redis_up', title: 'Redis connection', section: 'Workers, Redis and processes' },
  { name: 'redis_latency', title: 'Redis latency', section: 'Workers, Redis and processes' },
  { name: 'memory', title: 'Memory', section: 'Workers, Redis and processes' },
  { name: 'cpu', title: 'CPU', section: 'Workers, Redis and processes' },
  { name: 'event_loop_delay', title: 'Event-loop delay', section: 'Workers, Redis and processes' },
] as const satisfies readonly PanelFace[];
export type PanelName = (typeof PANEL_FACES)[number]['name'];

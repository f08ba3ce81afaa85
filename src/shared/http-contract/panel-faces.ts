/** What is said and shown of each panel, without its queries. No imports: the dashboard bundles this file. */

export const PANEL_UNITS = [
  'requests_per_second',
  'events_per_second',
  'ratio',
  'seconds',
  'bytes',
  'count',
  'cores',
  'boolean',
] as const;
export type PanelUnit = (typeof PANEL_UNITS)[number];

/** In the order of the page. A section holds a multiple of three panels, so that rows are full on a wide screen. */
export const PANEL_SECTIONS = ['Requests', 'Tasks', 'Workers, Redis and processes'] as const;

/** How the one number that stands for a panel comes from the current values of its series. */
export const HEADLINE_KINDS = ['sum', 'max', 'min', 'series', 'share'] as const;

export interface PanelHeadline {
  /** `series`: the value of one series. `share`: the value of one series, out of the sum of all. */
  readonly kind: (typeof HEADLINE_KINDS)[number];
  /** The legend of that one series. */
  readonly legend?: string;
}

export interface PanelFace {
  readonly name: string;
  readonly title: string;
  readonly section: (typeof PANEL_SECTIONS)[number];
  readonly description: string;
  readonly unit: PanelUnit;
  readonly headline: PanelHeadline;
}

const P95 = { kind: 'series', legend: 'p95' } as const;

/** All panels, in the order of the page. */
export const PANEL_FACES = [
  {
    name: 'request_rate',
    title: 'Requests',
    section: 'Requests',
    description: 'HTTP responses a second, by status class. 4xx includes aborted requests (499).',
    unit: 'requests_per_second',
    headline: { kind: 'sum' },
  },
  {
    name: 'error_ratio',
    title: 'Error ratio',
    section: 'Requests',
    description: 'Share of HTTP requests that got a 5xx status, by service.',
    unit: 'ratio',
    headline: { kind: 'max' },
  },
  {
    name: 'request_latency',
    title: 'Request latency',
    section: 'Requests',
    description: 'Time from the arrival of an HTTP request to the end of its response.',
    unit: 'seconds',
    headline: P95,
  },
  {
    name: 'events_rate',
    title: 'Attempts',
    section: 'Tasks',
    description: 'Attempts that ended a second, by event type and outcome. A task may take several attempts.',
    unit: 'events_per_second',
    headline: { kind: 'sum' },
  },
  {
    name: 'event_failures',
    title: 'Failures',
    section: 'Tasks',
    description:
      'A second: attempts that failed, failed attempts that are retried, tasks that became dead, tasks that stalled.',
    unit: 'events_per_second',
    headline: { kind: 'series', legend: 'failed' },
  },
  {
    name: 'queue_depth',
    title: 'Queue depth',
    section: 'Tasks',
    description: 'Tasks in the queue, by state.',
    unit: 'count',
    headline: { kind: 'series', legend: 'waiting' },
  },
  {
    name: 'oldest_age',
    title: 'Oldest waiting task',
    section: 'Tasks',
    description: 'How long the task that is due for longest has waited; 0 when none waits.',
    unit: 'seconds',
    headline: { kind: 'max' },
  },
  {
    name: 'event_wait',
    title: 'Wait time',
    section: 'Tasks',
    description: "Time from a task's due time to the start of its first attempt.",
    unit: 'seconds',
    headline: P95,
  },
  {
    name: 'event_duration',
    title: 'Run time',
    section: 'Tasks',
    description: "How long a task's handler ran, for each attempt.",
    unit: 'seconds',
    headline: P95,
  },
  {
    name: 'worker_slots',
    title: 'Worker slots',
    section: 'Workers, Redis and processes',
    description: 'Slots of all worker processes, busy and idle.',
    unit: 'count',
    headline: { kind: 'share', legend: 'busy' },
  },
  {
    name: 'redis_up',
    title: 'Redis connection',
    section: 'Workers, Redis and processes',
    description: 'By service: 1 when every process reaches Redis, 0 when one does not.',
    unit: 'boolean',
    headline: { kind: 'min' },
  },
  {
    name: 'redis_latency',
    title: 'Redis latency',
    section: 'Workers, Redis and processes',
    description: 'Time from sending a Redis command to its reply, without blocking commands.',
    unit: 'seconds',
    headline: P95,
  },
  {
    name: 'memory',
    title: 'Memory',
    section: 'Workers, Redis and processes',
    description: 'Resident memory of each process.',
    unit: 'bytes',
    headline: { kind: 'sum' },
  },
  {
    name: 'cpu',
    title: 'CPU',
    section: 'Workers, Redis and processes',
    description: 'CPU cores that each process uses.',
    unit: 'cores',
    headline: { kind: 'sum' },
  },
  {
    name: 'event_loop_delay',
    title: 'Event-loop delay',
    section: 'Workers, Redis and processes',
    description:
      "99th percentile of the delay of each process's event loop. It includes the timer's resolution of 10 ms.",
    unit: 'seconds',
    headline: { kind: 'max' },
  },
] as const satisfies readonly PanelFace[];
export type PanelName = (typeof PANEL_FACES)[number]['name'];

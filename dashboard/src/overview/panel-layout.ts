/** Where each panel of the API goes. Sections hold a multiple of three, so that rows are full on a wide screen. */
export const SECTIONS: readonly { readonly title: string; readonly panels: readonly string[] }[] = [
  { title: 'Requests', panels: ['request_rate', 'error_ratio', 'request_latency'] },
  {
    title: 'Tasks',
    panels: ['events_rate', 'event_failures', 'queue_depth', 'oldest_age', 'event_wait', 'event_duration'],
  },
  {
    title: 'Workers, Redis and processes',
    panels: ['worker_slots', 'redis_up', 'redis_latency', 'memory', 'cpu', 'event_loop_delay'],
  },
];

/** A name for a panel before the API has said its title. */
export function titleFromName(name: string): string {
  const words = name.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What instruments need of a registry; the client's and prom-client's have it too. */
export interface MetricSink {
  registerMetric(metric: never): void;
}

const sinks: MetricSink[] = [];

/** Where instruments without `registers` go. Set once, by registry.ts, which imports the instruments itself. */
export function setDefaultRegistry(registry: MetricSink): void {
  sinks[0] = registry;
}

export function defaultRegistry(): readonly MetricSink[] {
  if (sinks.length === 0) throw new Error('expected registry.ts to be loaded before an instrument is made');
  return sinks;
}

/** What an instrument needs of a registry. The client's registry and prom-client's have it too. */
export interface MetricSink {
  registerMetric(metric: never): void;
}

/*
 * Instruments without `registers` go to the process-wide `register`. That one is a MetricsRegistry, which is
 * built on the instruments, so that they cannot import it: registry.ts hands it down when it is loaded.
 */
let defaults: readonly MetricSink[] = [];

export function setDefaultRegistry(registry: MetricSink): void {
  defaults = [registry];
}

/** The registries of an instrument that names none. Throws before registry.ts is loaded. */
export function defaultRegistries(): readonly MetricSink[] {
  if (defaults.length === 0) {
    throw new Error('expected registry.ts to be loaded before the first instrument without `registers`');
  }
  return defaults;
}

import type { Collection, Source } from './collection.ts';
import type { AnyMetric } from './exposition/body-writer.ts';
import { Instrument } from './instruments/instrument.ts';

export interface Gathered {
  /** The metrics whose values are known now. */
  readonly known: readonly AnyMetric[];
  /** What `get()` of other libraries' metrics returned. */
  readonly results: ReadonlyMap<object, unknown>;
}

/**
 * Runs the collectors and the metrics' own sources, and removes idle series. A metric is not known when its source
 * failed or was late.
 */
export async function gather(
  collection: Collection,
  collectors: Iterable<Source>,
  metrics: readonly AnyMetric[],
  timeLimitMs: number,
): Promise<Gathered> {
  const sources = [...collectors];
  for (const metric of metrics) {
    if (!(metric instanceof Instrument))
      sources.push({ key: metric, name: metric.name, run: () => metric.get() });
    else if (metric.collect)
      sources.push({ key: metric, name: metric.family, run: () => metric.collect?.() });
  }
  const results = sources.length === 0 ? new Map() : await collection.run(sources, timeLimitMs);
  const nowMs = Date.now();
  for (const metric of metrics) if (metric instanceof Instrument) metric.expire(nowMs);
  const failed = sources.filter(({ key }) => !results.has(key));
  const unknown = new Set(failed.flatMap(({ key, metrics: owned = [] }) => [key, ...owned]));
  return { known: metrics.filter((metric) => !unknown.has(metric)), results };
}

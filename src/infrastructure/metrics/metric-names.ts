import type { AnyMetric } from './exposition/body-writer.ts';
import { namesOf } from './exposition/text-format.ts';
import { checkMetricName } from './instruments/validation.ts';
import { checkLabelNames } from './series/label-validation.ts';

/** Labels that a metric of another library adds itself. */
const RESERVED_LABELS: Readonly<Record<string, readonly string[]>> = {
  histogram: ['le'],
  summary: ['quantile'],
};

/** The names that the metrics of one registry use, be it their own or one with a suffix such as `_count`. */
export class MetricNames {
  #owners = new Map<string, string>();

  /** Throws for names that no scraper reads. With `isNew`, also when another metric uses one of the metric's names. */
  check(metric: object, isNew: boolean): void {
    const { name, labelNames } = metric as AnyMetric & { labelNames?: unknown }; // by the client's contract
    checkMetricName(name);
    const type = typeOf(metric);
    if (Array.isArray(labelNames)) checkLabelNames(name, labelNames, RESERVED_LABELS[type] ?? []);
    if (!isNew) return;
    for (const used of namesOf({ name, type })) {
      const owner = this.#owners.get(used);
      if (owner === undefined) continue;
      throw new Error(
        `expected a metric with names of its own; got ${name}, which shares ${used} with ${owner}`,
      );
    }
  }

  add(metric: object): void {
    const { name } = metric as AnyMetric; // by the client's contract
    for (const used of namesOf({ name, type: typeOf(metric) })) this.#owners.set(used, name);
  }

  remove(name: string): void {
    for (const [used, owner] of this.#owners) if (owner === name) this.#owners.delete(used);
  }

  clear(): void {
    this.#owners = new Map();
  }
}

/** A metric's type. The client's own metrics register before they have one, but after their options are set. */
function typeOf(metric: object): string {
  const { type } = metric as Partial<AnyMetric>; // of a metric that registers, the type may be missing
  if (typeof type === 'string') return type;
  if ('percentiles' in metric) return 'summary';
  if ('buckets' in metric) return 'histogram';
  return 'gauge';
}

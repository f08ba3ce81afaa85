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
    const { name, type, labelNames } = metric as AnyMetric & { labelNames?: unknown }; // by the client's contract
    checkMetricName(name);
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

  add(name: string, type: string): void {
    for (const used of namesOf({ name, type })) this.#owners.set(used, name);
  }

  remove(name: string): void {
    for (const [used, owner] of this.#owners) if (owner === name) this.#owners.delete(used);
  }

  clear(): void {
    this.#owners = new Map();
  }
}

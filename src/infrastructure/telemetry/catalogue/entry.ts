import type { MetricDefinition } from '../../metrics/instruments/definition.ts';

/** One `asdlc_*` metric: its definition, and what its readers need to know. */
export interface CatalogueEntry extends MetricDefinition {
  /** A question that the metric answers. */
  readonly question: string;
  /** PromQL that asks the question. */
  readonly query: string;
  /** For labels with few values: these values, or a sentence where they are not ours to choose. */
  readonly labelValues?: Readonly<Record<string, readonly string[] | string>>;
  /** What its readers get wrong otherwise, in Markdown. */
  readonly note?: string;
  /** The names of the panels that draw the metric. */
  readonly panels?: readonly string[];
}

/** Keeps the literal types of an entry, so that its labels are checked where it is used. */
export function define<const E extends CatalogueEntry>(entry: E): E {
  return entry;
}

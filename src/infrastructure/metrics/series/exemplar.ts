import { checkLabelNames, describe, toReadable } from './label-validation.ts';
import type { LabelValue } from './labels.ts';

/** One observation beside a sample, usually with its trace's id; the time is Unix time in seconds. */
export interface Exemplar {
  readonly labelSet: Readonly<Record<string, string>>;
  readonly value: number;
  readonly timestamp: number;
}

export type ExemplarLabels = Readonly<Record<string, LabelValue>>;

/** OpenMetrics 1.0, "Exemplars": names and values together. */
const CODE_POINT_LIMIT = 128;

/** An exemplar with a copy of the labels and the current time. Throws for invalid or too long labels. */
export function createExemplar(metric: string, labels: ExemplarLabels, value: number): Exemplar {
  const labelSet: Record<string, string> = {};
  let length = 0;
  checkLabelNames(metric, Object.keys(labels), []);
  for (const [name, given] of Object.entries(labels)) {
    const text = toReadable(String(given));
    labelSet[name] = text;
    length += name.length + [...text].length;
  }
  if (length > CODE_POINT_LIMIT) {
    throw new RangeError(
      `${metric}: expected exemplar labels of at most ${CODE_POINT_LIMIT} code points in all; got ${length} in ${describe(labels)}`,
    );
  }
  return { labelSet, value, timestamp: Date.now() / 1000 };
}

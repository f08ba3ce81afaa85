import type { LabelValue } from './labels.ts';
import { checkLabelNames, describe } from './validation.ts';

/** A sample of what was counted, usually a trace's id, with its value and Unix time in seconds. */
export interface Exemplar {
  readonly labelSet: Readonly<Record<string, string>>;
  readonly value: number;
  readonly timestamp: number;
}

export type ExemplarLabels = Readonly<Record<string, LabelValue>>;

/** OpenMetrics 1.0, "Exemplars": names and values together. */
const CODE_POINT_LIMIT = 128;

/** An exemplar of now with a copy of the labels; throws when they are invalid or too long. */
export function createExemplar(metric: string, labels: ExemplarLabels, value: number): Exemplar {
  const labelSet: Record<string, string> = {};
  let length = 0;
  checkLabelNames(metric, Object.keys(labels), []);
  for (const [name, given] of Object.entries(labels)) {
    const text = String(given).toWellFormed();
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

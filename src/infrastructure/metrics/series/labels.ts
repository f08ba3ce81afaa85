import { describe, toReadable } from './label-validation.ts';

export type LabelValue = string | number;

/**
 * Labels of one series. `L` holds the label names: a wrong one does not compile. As in the client, a label may be
 * left out. Its value is then empty, which in Prometheus's model is the same as no label.
 */
export type LabelValues<L extends string> = [L] extends [never]
  ? Readonly<Record<string, never>>
  : Readonly<Partial<Record<L, LabelValue | undefined>>>;

/**
 * A label's value as the table stores it. What is missing, null or undefined is the empty value, which Prometheus reads
 * as no label. The text is made readable here already, else two series would look the same. Throws for an object that
 * has no text.
 */
function toLabelValue(value: unknown): string {
  return value === undefined || value === null ? '' : toReadable(String(value));
}

/** The values of a label object, in the order of `names`. */
export function valuesOfObject(names: readonly string[], labels: object): string[] {
  const given = labels as Readonly<Record<string, unknown>>; // read by name, each value checked below
  return names.map((name) => toLabelValue(given[name]));
}

/** The values of `labels(...values)`. */
export function valuesOfList(names: readonly string[], values: readonly unknown[]): string[] {
  return names.map((_, index) => toLabelValue(values[index]));
}

/** Throws for a label object with other names, and for more values than there are names. */
export function checkGiven(names: readonly string[], labels: object): void {
  if (Array.isArray(labels)) {
    if (labels.length <= names.length) return;
    throw new TypeError(
      `expected ${names.length} label values for ${describe(names)}; got ${describe(labels)}`,
    );
  }
  for (const name in labels) {
    if (names.includes(name)) continue;
    throw new TypeError(`unexpected label ${describe(name)}; expected ${describe(names)}`);
  }
}

/** The lists of `known` in the order of `names`; one value is a list of one. Throws unless its names are exactly these. */
export function valueLists(
  metric: string,
  names: readonly string[],
  known: Readonly<Record<string, LabelValue | readonly LabelValue[]>>,
): (readonly LabelValue[])[] {
  const given = Object.keys(known);
  if (given.length !== names.length || !given.every((name) => names.includes(name))) {
    throw new TypeError(
      `${metric}: expected values for the labels ${describe(names)}; got ${describe(given)}`,
    );
  }
  const lists = names.map((name) => [known[name] ?? []].flat());
  for (const value of lists.flat() as unknown[]) {
    if (typeof value === 'string' || typeof value === 'number') continue;
    throw new TypeError(
      `${metric}: expected label values that are strings or numbers; got ${describe(value)}`,
    );
  }
  return lists;
}

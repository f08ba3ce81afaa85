import { describe } from './label-validation.ts';

export type LabelValue = string | number;

/** Labels of one series. `L` holds the label names: a wrong or missing one does not compile. */
export type LabelValues<L extends string> = [L] extends [never]
  ? Readonly<Record<string, never>>
  : Readonly<Record<L, LabelValue>>;

/** Arguments of a call: the labels first. An instrument without labels needs none. */
export type WithLabels<L extends string, Rest extends readonly unknown[]> = [L] extends [never]
  ? Rest | [labels: LabelValues<L>, ...rest: Rest]
  : string extends L
    ? Rest | [labels: LabelValues<L>, ...rest: Rest]
    : [labels: LabelValues<L>, ...rest: Rest];

/**
 * A label's value as the table stores it: a well-formed string. UTF-8 has no lone surrogates, so that every one
 * would be sent as U+FFFD, and two series would look the same. They become U+FFFD here already.
 */
function toLabelValue(metric: string, name: string, value: unknown): string {
  if (typeof value === 'string') return value.isWellFormed() ? value : value.toWellFormed();
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return String(value);
  throw new TypeError(
    `${metric}: expected a string or a number for the label ${name}; got ${describe(value)}`,
  );
}

/** The values of a label object, in the order of `names`. Throws unless its names are exactly these. */
export function valuesOfObject(metric: string, names: readonly string[], labels: object): string[] {
  for (const name in labels) {
    if (!names.includes(name)) {
      throw new TypeError(`${metric}: unexpected label ${describe(name)}; expected ${describe(names)}`);
    }
  }
  const given = labels as Readonly<Record<string, unknown>>; // read by name, each value checked below
  return names.map((name) => toLabelValue(metric, name, given[name]));
}

/** The values of `labels(...values)`. Throws unless there is one for each name. */
export function valuesOfList(metric: string, names: readonly string[], values: readonly unknown[]): string[] {
  if (values.length !== names.length) {
    throw new TypeError(
      `${metric}: expected ${names.length} label values for ${describe(names)}; got ${describe(values)}`,
    );
  }
  return names.map((name, index) => toLabelValue(metric, name, values[index]));
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
  return names.map((name) => [known[name] ?? []].flat());
}

import { describe } from './validation.ts';

export type LabelValue = string | number;

/** Labels of one series. `L` holds the label names, so that a wrong or missing one does not compile. */
export type LabelValues<L extends string> = [L] extends [never]
  ? Readonly<Record<string, never>>
  : Readonly<Record<L, LabelValue>>;

/** Arguments of a call: labels first where the instrument has any, none needed where it has none. */
export type WithLabels<L extends string, Rest extends readonly unknown[]> = [L] extends [never]
  ? Rest | [labels: LabelValues<L>, ...rest: Rest]
  : string extends L
    ? Rest | [labels: LabelValues<L>, ...rest: Rest]
    : [labels: LabelValues<L>, ...rest: Rest];

/**
 * A label's value as it is kept: a well-formed string. Two lone surrogates would both be sent as U+FFFD and
 * make two series look the same, so they become that character here already.
 */
function toLabelValue(metric: string, name: string, value: unknown): string {
  if (typeof value === 'string') return value.isWellFormed() ? value : value.toWellFormed();
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return String(value);
  throw new TypeError(
    `${metric}: expected a string or a number for the label ${name}; got ${describe(value)}`,
  );
}

/** The values of a label object in the order of `names`; throws when the names are not exactly these. */
export function valuesOfObject(metric: string, names: readonly string[], labels: object): string[] {
  for (const name in labels) {
    if (!names.includes(name)) {
      throw new TypeError(`${metric}: unexpected label ${describe(name)}; expected ${describe(names)}`);
    }
  }
  const given = labels as Readonly<Record<string, unknown>>; // read by name, each value checked below
  return names.map((name) => toLabelValue(metric, name, given[name]));
}

/** The values of `labels(...values)`; throws when their number is not the names'. */
export function valuesOfList(metric: string, names: readonly string[], values: readonly unknown[]): string[] {
  if (values.length !== names.length) {
    throw new TypeError(
      `${metric}: expected ${names.length} label values for ${describe(names)}; got ${describe(values)}`,
    );
  }
  return names.map((name, index) => toLabelValue(metric, name, values[index]));
}

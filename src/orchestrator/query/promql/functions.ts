/** What an expression of PromQL gives. */
export type ValueType = 'scalar' | 'string' | 'instant vector' | 'range vector';

export interface Signature {
  readonly parameters: readonly ValueType[];
  /** How many of the last parameters may be missing. */
  readonly optional: number;
  /** Whether the last parameter may come any number of times. */
  readonly repeats: boolean;
  readonly returns: ValueType;
}

const TYPES: Readonly<Record<string, ValueType>> = {
  n: 'scalar',
  s: 'string',
  v: 'instant vector',
  r: 'range vector',
};

/**
 * The functions of Prometheus (promql/parser/functions.go) by their parameters: n for a number, s for a string, v for
 * an instant vector, r for a range vector; `?` follows one that may be missing, `*` one that may come any number of
 * times. They return an instant vector.
 */
const VECTOR_FUNCTIONS: Readonly<Record<string, string>> = {
  v:
    'abs absent acos acosh asin asinh atan atanh ceil cos cosh deg exp floor histogram_avg histogram_count ' +
    'histogram_stddev histogram_stdvar histogram_sum ln log10 log2 rad sgn sin sinh sort sort_desc sqrt ' +
    'start_timestamp tan tanh timestamp',
  'v?': 'day_of_month day_of_week day_of_year days_in_month hour minute month year',
  r:
    'absent_over_time avg_over_time changes count_over_time delta deriv first_over_time idelta increase irate ' +
    'last_over_time mad_over_time max_over_time min_over_time present_over_time rate resets stddev_over_time ' +
    'stdvar_over_time sum_over_time ts_of_first_over_time ts_of_last_over_time ts_of_max_over_time ' +
    'ts_of_min_over_time',
  'v n': 'clamp_max clamp_min',
  'v n?': 'round',
  'v n n': 'clamp',
  'v v?': 'info',
  'v s*': 'sort_by_label sort_by_label_desc',
  'v s n n*': 'histogram_quantiles',
  'v s s s*': 'label_join',
  'v s s s s': 'label_replace',
  'n v': 'histogram_quantile',
  'n n v': 'histogram_fraction',
  'r n': 'predict_linear',
  'r n n': 'double_exponential_smoothing holt_winters',
  'n r': 'quantile_over_time',
  n: 'vector',
};
const SCALAR_FUNCTIONS: Readonly<Record<string, string>> = {
  '': 'end pi range start step time',
  v: 'scalar',
};

export const FUNCTIONS: ReadonlyMap<string, Signature> = new Map([
  ...signatures(VECTOR_FUNCTIONS, 'instant vector'),
  ...signatures(SCALAR_FUNCTIONS, 'scalar'),
]);

function signatures(names: Readonly<Record<string, string>>, returns: ValueType): [string, Signature][] {
  return Object.entries(names).flatMap(([shape, functions]) => {
    const marks = shape.split(' ').filter((mark) => mark !== '');
    const signature: Signature = {
      parameters: marks.map((mark) => TYPES[mark.charAt(0)] ?? 'scalar'),
      optional: marks.filter((mark) => /[?*]$/.test(mark)).length,
      repeats: shape.endsWith('*'),
      returns,
    };
    return functions.split(' ').map((name): [string, Signature] => [name, signature]);
  });
}

/** Aggregations whose first argument is a parameter, and its type. */
export const AGGREGATION_PARAMETERS: ReadonlyMap<string, ValueType> = new Map([
  ['topk', 'scalar'],
  ['bottomk', 'scalar'],
  ['limitk', 'scalar'],
  ['limit_ratio', 'scalar'],
  ['quantile', 'scalar'],
  ['count_values', 'string'],
]);

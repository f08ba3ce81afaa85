import type { Unit } from '../../format/quantity.ts';
import type { RangeResult } from './query-result.ts';

/*
 * A query's unit, by Prometheus's convention that a metric's name ends with its base unit. Only simple queries have one:
 * one metric, within functions that keep its unit. A rate, a count or an operator changes the unit, and then the page
 * shows none.
 */

/** Aggregations and functions whose result has the unit of their argument. */
const KEEPING = new Set(
  'abs avg avg_over_time bottomk last_over_time max max_over_time min min_over_time quantile quantile_over_time'
    .split(' ')
    .concat('sort', 'sort_desc', 'stddev', 'sum', 'topk'),
);
/** Functions that may lie between buckets and their quantile. The quantile has the unit of the bounds, not of the counts. */
const OF_BUCKETS = new Set(['sum', 'rate', 'irate', 'increase']);

/** Strings, comments, selectors, ranges, labels to group by, offsets. */
const IGNORED = [
  /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`/g,
  /#.*$/gm,
  /\{[^}]*\}/g,
  /\[[^\]]*\]/g,
  /\b(?:by|without)\s*\([^)]*\)/g,
  /\boffset\s+\w+/g,
];

/** The unit of all results that hold series; `none` if their units differ. */
export function unitOfResults(results: readonly RangeResult[]): Unit {
  return agreed(
    results
      .filter(({ series }) => series.length > 0)
      .map(({ query, series }) =>
        unitOfQuery(
          query,
          series.map(({ labels }) => labels.__name__ ?? ''),
        ),
      ),
  );
}

/** `found`: the metric names in the result, for a query that names no metric, such as `{job="a"}`. */
export function unitOfQuery(query: string, found: readonly string[] = []): Unit {
  const text = IGNORED.reduce((left, pattern) => left.replace(pattern, ' '), query);
  if (/[^\w\s:(),.]/.test(text)) return 'none';
  const words = text.match(/(?<![\w.:])[a-zA-Z_:][\w:]*(?:\s*\()?/g) ?? [];
  const functions = words.filter((word) => word.endsWith('(')).map((word) => word.slice(0, -1).trim());
  const named = [...new Set(words.filter((word) => !word.endsWith('(')))];
  if (named.length > 1) return 'none';
  const quantile = functions.indexOf('histogram_quantile');
  const outer = quantile === -1 ? functions : functions.slice(0, quantile);
  const inner = quantile === -1 ? [] : functions.slice(quantile + 1);
  if (!outer.every((name) => KEEPING.has(name)) || !inner.every((name) => OF_BUCKETS.has(name)))
    return 'none';
  const metrics = named.length === 1 ? named : found;
  return agreed(quantile === -1 ? metrics.map(unitOfMetric) : metrics.map(unitOfBounds));
}

function unitOfMetric(name: string): Unit {
  // A point in time, not a duration.
  if (name.endsWith('_timestamp_seconds')) return 'none';
  const [, unit = 'none'] = /_(seconds|bytes|ratio)$/.exec(name) ?? [];
  return unit as Unit; // the pattern allows only these
}

function unitOfBounds(name: string): Unit {
  return name.endsWith('_bucket') ? unitOfMetric(name.slice(0, -'_bucket'.length)) : 'none';
}

function agreed(units: readonly Unit[]): Unit {
  const [unit = 'none', ...others] = new Set(units);
  return others.length === 0 ? unit : 'none';
}

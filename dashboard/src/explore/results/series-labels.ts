import type { Labels } from './query-result.ts';

/** A label set in PromQL form: `name{a="b",c="d"}`; `{}` without labels. */
export function labelsText(labels: Labels): string {
  const { __name__: name = '', ...others } = labels;
  const pairs = Object.keys(others)
    .sort()
    .map((label) => `${label}="${escaped(others[label] ?? '')}"`);
  return pairs.length === 0 && name !== '' ? name : `${name}{${pairs.join(',')}}`;
}

/**
 * The labels that tell these series apart: none that all share, and of labels that always change together only the one
 * that says most. So a legend has room for what differs.
 */
export function distinguishingLabels(all: readonly Labels[]): string[] {
  const byPattern = new Map<string, string>();
  for (const label of [...new Set(all.flatMap(Object.keys))].sort(byMeaning)) {
    const values = all.map((labels) => labels[label] ?? '');
    if (values.every((value) => value === values[0])) continue;
    const ids = new Map([...new Set(values)].map((value, i) => [value, i]));
    const pattern = values.map((value) => ids.get(value)).join();
    if (!byPattern.has(pattern)) byPattern.set(pattern, label);
  }
  return [...byPattern.values()];
}

/** Labels of the program come before these, which say where a sample was scraped. */
const SAY_LEAST = ['service', 'job', 'instance'];

function byMeaning(a: string, b: string): number {
  return SAY_LEAST.indexOf(a) - SAY_LEAST.indexOf(b) || (a < b ? -1 : 1);
}

/** As in a PromQL string: backslashes, quotes and line ends escaped. */
function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

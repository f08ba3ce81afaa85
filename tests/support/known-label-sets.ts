import type { CatalogueEntry } from '../../src/infrastructure/telemetry/catalogue/entry.ts';

/** Every label set of an entry that can be known: the values that the catalogue lists, times those given here. */
export function knownLabelSets(
  { labelNames, labelValues = {} }: CatalogueEntry,
  given: Readonly<Record<string, string | readonly string[]>>,
): Record<string, string>[] {
  let sets: Record<string, string>[] = [{}];
  for (const name of labelNames) {
    const values = given[name] ?? labelValues[name];
    if (values === undefined || (typeof values === 'string' && given[name] === undefined)) return [];
    sets = sets.flatMap((set) => [values].flat().map((value) => ({ ...set, [name]: value })));
  }
  return sets;
}

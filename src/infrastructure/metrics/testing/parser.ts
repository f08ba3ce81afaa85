import { ExpositionError, type ExpositionFormat, type Finding, type ParsedFamily } from './exposition.ts';
import { readExposition } from './exposition-reader.ts';
import { checkSeries } from './series-rules.ts';

export {
  ExpositionError,
  type ExpositionFormat,
  type Finding,
  type ParsedExemplar,
  type ParsedFamily,
  type ParsedSample,
} from './exposition.ts';

/** What an exposition says, and each place where it breaks its format. */
export function inspectExposition(
  exposition: string | Uint8Array,
  format: ExpositionFormat,
): { families: readonly ParsedFamily[]; findings: readonly Finding[] } {
  const { families, findings } = readExposition(exposition, format);
  const all = [...findings, ...checkSeries(families, format)];
  return { families, findings: all.sort((a, b) => a.line - b.line) };
}

/**
 * The families of an exposition by name. It is strict: throws an ExpositionError for the first line that breaks the
 * format, with the line's number, what was expected and what came.
 */
export function parseExposition(
  exposition: string | Uint8Array,
  format: ExpositionFormat = 'text',
): Map<string, ParsedFamily> {
  const { families, findings } = inspectExposition(exposition, format);
  const [first] = findings;
  if (first !== undefined) throw new ExpositionError(first);
  return new Map(families.map((family) => [family.name, family]));
}

import type { ExpositionFormat, Finding } from './exposition.ts';
import { checkNaming } from './naming-rules.ts';
import { inspectExposition } from './parser.ts';

export interface LintOptions {
  /** Default: OpenMetrics when the text has a line `# EOF`, else text 0.0.4. */
  readonly format?: ExpositionFormat | undefined;
  /** No advice about names that start with one of these, as other libraries chose them. Errors stay. */
  readonly ignoreNames?: readonly string[] | undefined;
}

/** Everything that is wrong with an exposition, and advice about its names, by line. */
export function lintExposition(
  exposition: string | Uint8Array,
  { format: given, ignoreNames = [] }: LintOptions = {},
): Finding[] {
  const format = given ?? formatOf(exposition);
  const { families, findings } = inspectExposition(exposition, format);
  const advised = families.filter(({ name }) => !ignoreNames.some((prefix) => name.startsWith(prefix)));
  const advice = advised.flatMap((family) => checkNaming(family, format));
  return [...findings, ...advice].sort((a, b) => a.line - b.line);
}

function formatOf(exposition: string | Uint8Array): ExpositionFormat {
  const text = typeof exposition === 'string' ? exposition : Buffer.from(exposition).toString();
  return /^# EOF$/m.test(text) ? 'openmetrics' : 'text';
}

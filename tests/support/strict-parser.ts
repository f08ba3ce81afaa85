import type { ExpositionFormat, ParsedFamily } from '../../src/infrastructure/metrics/testing/parser.ts';
import { parseExposition as parse } from '../../src/infrastructure/metrics/testing/parser.ts';

/*
 * The library's parser, and what its own expositions keep beside the format: HELP and TYPE of every family, and no
 * blank line. The parser uses no code of the renderer.
 */

export interface HelpedFamily extends ParsedFamily {
  readonly help: string;
}

/** Families by name. Throws at the first error. */
export function parseExposition(body: Buffer, format: ExpositionFormat): Map<string, HelpedFamily> {
  const text = body.toString();
  if (text.startsWith('\n') || text.includes('\n\n')) throw new Error('expected no blank line');
  return new Map(
    [...parse(body, format)].map(([name, { help, ...family }]) => {
      if (help === undefined || !text.includes(`# TYPE ${name} `)) {
        throw new Error(`expected HELP and TYPE of ${name}`);
      }
      return [name, { ...family, help }];
    }),
  );
}

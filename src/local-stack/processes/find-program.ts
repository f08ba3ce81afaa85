import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { childEnvironment } from '../../shared/config.ts';
import { START_COMMAND } from '../../shared/package.ts';
import { programMissing } from '../command-line/errors.ts';

/**
 * Returns the path of the first of these programs that is on PATH. Throws ASDLC_PROGRAM_MISSING otherwise; the message
 * says what to do, and that `variable` can name a running server instead.
 */
export function findProgram(names: readonly string[], variable: string): string {
  for (const folder of (childEnvironment({}).PATH ?? '').split(delimiter)) {
    for (const name of names) {
      const path = join(folder, name);
      if (folder !== '' && isProgram(path)) return path;
    }
  }
  throw programMissing(
    `Expected the program ${names.join(' or ')} on PATH, and did not find it. \`${START_COMMAND}\` installs it or says how. Or set ${variable} to a server that runs already.`,
  );
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { packagePath, packageVersion } from '../../shared/package.ts';
import { optionInvalid } from '../exit-codes.ts';

/** npm leaves files of these names out of packages, so the template has them without the dot. */
const HIDDEN = ['gitignore', 'dockerignore'];
const NAME = /^[a-z0-9][a-z0-9._-]{0,99}$/;

export interface NewProject {
  readonly name: string;
  readonly folder: string;
  readonly files: readonly string[];
}

/** Writes a project with one handler into a new or empty folder. Throws ASDLC_OPTION_INVALID for another folder. */
export function createProject(path: string): NewProject {
  const folder = resolve(path);
  const name = basename(folder);
  if (!NAME.test(name)) {
    throw optionInvalid(
      `asdlc init: expected a folder whose name is that of an npm package, of a-z 0-9 . _ -; got ${JSON.stringify(name)}`,
    );
  }
  const present = entriesOf(folder);
  if (present.length > 0) {
    throw optionInvalid(
      `asdlc init: expected a new or an empty folder; ${folder} has ${present.slice(0, 5).join(', ')}`,
    );
  }
  mkdirSync(folder, { recursive: true });
  const template = packagePath('templates/project');
  const version = packageVersion();
  const files = readdirSync(template).map((file) => {
    const target = HIDDEN.includes(file) ? `.${file}` : file;
    const text = readFileSync(join(template, file), 'utf8');
    writeFileSync(join(folder, target), text.replaceAll('{{name}}', name).replaceAll('{{version}}', version));
    return target;
  });
  return { name, folder, files: files.toSorted() };
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException; // what the file system throws
    if (code === 'ENOENT') return [];
    throw optionInvalid(`asdlc init: expected a new or an empty folder; got: ${message}`);
  }
}

import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';

const isCompiled = import.meta.filename.endsWith('.js');

/** What users type to start the local stack: of a checkout, or of the package. */
export const START_COMMAND = isCompiled ? 'npx asdlc start' : 'npm start';

/** Returns the version in package.json; both services expose it in asdlc_service_info. */
export function packageVersion(): string {
  return (JSON.parse(readFileSync(packagePath('package.json'), 'utf8')) as { version: string }).version; // this package's own file
}

/** Returns the path of a file of this package. It works from the sources and from the compiled files. */
export function packagePath(path: string): string {
  const manifest = findPackageJSON(import.meta.url);
  if (manifest === undefined) throw new Error('expected package.json above src/shared; found none');
  return join(dirname(manifest), path);
}

/** Returns the path of a program of src, such as `workers/main`: the source, or what it was compiled to. */
export function programPath(name: string): string {
  return packagePath(isCompiled ? `dist/${name}.js` : `src/${name}.ts`);
}

/** Returns the path of a module of handlers that comes with asdlc. */
export function shippedHandlers(name: 'index' | 'demo'): string {
  return packagePath(`${isCompiled ? 'dist/' : ''}examples/handlers/${name}.${isCompiled ? 'js' : 'ts'}`);
}

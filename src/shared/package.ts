import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';

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

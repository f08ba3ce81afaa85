import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { nameCompiledFiles } from './declarations.ts';

/*
 * Compiles what the package `asdlc` runs into dist: the sources, and the example handlers, which are its default ones.
 * Node runs no TypeScript below node_modules. `npm pack` runs it first, and so does `npm run build`.
 */

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const load = createRequire(import.meta.url);
const compiler = join(dirname(load.resolve('typescript/package.json')), 'bin/tsc');

rmSync(dist, { recursive: true, force: true });
for (const project of ['tsconfig.build.json', 'tsconfig.examples-build.json']) {
  // To standard error: the standard output of `npm pack --json` is for the list of files.
  execFileSync(process.execPath, [compiler, '-p', join(root, project)], { stdio: ['ignore', 2, 2] });
}
nameCompiledFiles(dist);

import { execFileSync } from 'node:child_process';
import { copyFileSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { nameCompiledFiles } from './declarations.ts';
import { ENTRIES, fileOf, manifestFields, type PackageEntry } from './metrics-package-entries.ts';

/*
 * Builds the package `@asdlc/metrics` into packages/metrics/dist: `npx node scripts/build-metrics-package.ts`.
 * `npm pack ./packages/metrics` runs it first.
 *
 * The library is compiled once, to CommonJS. Each entry is a pair of small modules over it, one for `require` and one
 * for `import`. So there is one copy of the library in a process, and one default registry, however it is loaded.
 */

const root = join(import.meta.dirname, '..');
const target = join(root, 'packages/metrics');
const dist = join(target, 'dist');
const library = join(root, 'src/infrastructure/metrics');
const load = createRequire(import.meta.url);

/** The library as this system imports it, with its own metrics. It is no part of the package. */
const FACE_OF_ASDLC = 'index.ts';

const compiled = (module: string) => `./lib/${module.replace(/\.ts$/, '.js')}`;

function compile(): void {
  rmSync(dist, { recursive: true, force: true });
  const compiler = join(dirname(load.resolve('typescript/package.json')), 'bin/tsc');
  execFileSync(process.execPath, [compiler, '-p', join(target, 'tsconfig.json')], { stdio: 'inherit' });
  nameCompiledFiles(join(dist, 'lib'));
}

/** Puts the sources into the package, so that the source maps lead to them in every project. */
function addSources(): void {
  const sources = join(target, 'src');
  rmSync(sources, { recursive: true, force: true });
  for (const path of globSync('**/*.ts', { cwd: library, exclude: [FACE_OF_ASDLC] })) {
    mkdirSync(dirname(join(sources, path)), { recursive: true });
    copyFileSync(join(library, path), join(sources, path));
  }
  for (const path of globSync('lib/**/*.map', { cwd: dist })) {
    const map = JSON.parse(readFileSync(join(dist, path), 'utf8')) as { sources: string[] };
    const toPackage = relative(dirname(join(dist, path)), target);
    const moved = map.sources.map((source) =>
      source.replace(/^.*src\/infrastructure\/metrics/, `${toPackage}/src`),
    );
    writeFileSync(join(dist, path), JSON.stringify({ ...map, sources: moved }));
  }
}

/** The names that an entry exports at run time, by module. */
function namesOf(entry: PackageEntry): { module: string; names: string[] }[] {
  return entry.modules.map((module) => ({
    module: compiled(module),
    names: Object.keys(load(join(dist, compiled(module)))).sort(),
  }));
}

function writeEntry(entry: PackageEntry): void {
  const file = fileOf(entry);
  const modules = namesOf(entry);
  const names = modules.flatMap((module) => module.names);
  const write = (extension: string, lines: readonly string[]) => {
    const path = join(dist, `${file}.${extension}`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${lines.join('\n')}\n`);
  };
  write('js', [
    `'use strict';`,
    ...modules.flatMap((module, index) => [
      `const module${index} = require('${module.module}');`,
      ...module.names.map((name) => exportOf(name, `module${index}`)),
    ]),
  ]);
  const types = modules.map(({ module }) => `export * from '${module}';`);
  write('d.ts', types);
  const own = `./${file.split('/').at(-1)}.js`;
  write('mjs', [
    `import library from '${own}';`,
    `export const { ${names.join(', ')} } = library;`,
    `export default library;`,
  ]);
  write('d.mts', [
    `import * as library from '${own}';`,
    `export * from '${own}';`,
    `declare const module: typeof library;`,
    `export default module;`,
  ]);
}

/** A plain property, as the client's module has: programs replace them in tests. */
function exportOf(name: string, module: string): string {
  if (name !== 'contentType') return `exports.${name} = ${module}.${name};`;
  // As in the client: the property follows the default registry, and sets its content type.
  return `Object.defineProperty(exports, 'contentType', {
  enumerable: true,
  get: () => ${module}.register.contentType,
  set: (value) => ${module}.register.setContentType(value),
});`;
}

function writeManifest(): void {
  const path = join(target, 'package.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8'));
  const ours = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const dependencies = { '@prometheus-io/client': ours.dependencies['@prometheus-io/client'] };
  const fields = { ...manifest, version: ours.version, dependencies, ...manifestFields() };
  const text = `${JSON.stringify(fields, null, 2)}\n`;
  if (text !== readFileSync(path, 'utf8')) writeFileSync(path, text);
}

compile();
addSources();
for (const entry of ENTRIES) writeEntry(entry);
copyFileSync(join(root, 'LICENSE'), join(target, 'LICENSE'));
writeManifest();

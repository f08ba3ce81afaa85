import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { readPacked } from '../../scripts/release/packed-files.ts';
import { REPOSITORY, temporaryFolder } from './processes.ts';
import type { Scope } from './scope.ts';

/* The packages `@asdlc/metrics` and `asdlc`, packed as for a release, and projects that use them. */

export const run = promisify(execFile);

export interface PackedPackage {
  /** The path of the tarball. */
  readonly tarball: string;
  readonly files: readonly string[];
}

/** Packs the package `@asdlc/metrics`. */
export async function packMetricsPackage(scope: Scope): Promise<PackedPackage> {
  const checkout = await copyCheckout(scope, /^(src|scripts|packages)\/|^[^/]+$/);
  return pack(checkout, './packages/metrics');
}

/** Packs the package `asdlc`. A dashboard that is built already is built again only when it is stale. */
export async function packAsdlc(scope: Scope): Promise<PackedPackage> {
  const checkout = await copyCheckout(
    scope,
    /^(src|scripts|packages|examples|templates|dashboard|docs\/\w+\.md)|^[^/]+$/,
  );
  const built = 'dashboard/dist';
  if (existsSync(join(REPOSITORY, built)))
    await cp(join(REPOSITORY, built), join(checkout, built), { recursive: true });
  return pack(checkout, '.');
}

/** Copies what Git knows of the repository to a new folder, without anything that was built. */
async function copyCheckout(scope: Scope, pattern: RegExp): Promise<string> {
  const checkout = join(await temporaryFolder(scope), 'checkout');
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const { stdout: list } = await run('git', args, { cwd: REPOSITORY, maxBuffer: 2 ** 24 });
  const paths = list.split('\0').filter((path) => pattern.test(path));
  for (const path of paths) await cp(join(REPOSITORY, path), join(checkout, path), { recursive: true });
  await symlink(join(REPOSITORY, 'node_modules'), join(checkout, 'node_modules'));
  return checkout;
}

async function pack(checkout: string, folder: string): Promise<PackedPackage> {
  const target = dirname(checkout);
  const args = ['pack', folder, '--json', '--pack-destination', target];
  const { stdout } = await run('npm', args, { cwd: checkout, maxBuffer: 2 ** 24 });
  const { filename, paths } = readPacked(stdout);
  return { tarball: join(target, filename), files: paths };
}

/** A new folder with the package and others installed. Returns its path. */
export async function createProject(
  scope: Scope,
  packages: readonly string[],
  manifest: object = {},
): Promise<string> {
  const project = await temporaryFolder(scope);
  await writeFile(
    join(project, 'package.json'),
    JSON.stringify({ name: 'empty', private: true, ...manifest }),
  );
  const options = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'];
  await run('npm', ['install', ...options, ...packages], { cwd: project, maxBuffer: 2 ** 24 });
  return project;
}

export async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

/** Runs a program of this repository's node_modules in a project. Returns what it printed; throws when it failed. */
export async function runTool(project: string, tool: string, args: readonly string[]): Promise<string> {
  const bin = join(REPOSITORY, 'node_modules/.bin');
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}`, NO_COLOR: '1' };
  try {
    const { stdout } = await run(join(bin, tool), args, { cwd: project, env, maxBuffer: 2 ** 24 });
    return stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${tool} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
  }
}

/** Options of tsc for a strict program whose dependencies' declarations are checked too. */
export const STRICT = ['--ignoreConfig', '--strict', '--skipLibCheck', 'false', '--types', 'node'];

/** tsc with Node's types from this repository. */
export function compile(project: string, args: readonly string[]): Promise<string> {
  const typeRoots = ['--typeRoots', join(REPOSITORY, 'node_modules/@types')];
  return runTool(project, 'tsc', [...STRICT, ...typeRoots, ...args]);
}

import { execFile } from 'node:child_process';
import { appendFile, copyFile, cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from '../../processes.ts';
import type { Scope } from '../../scope.ts';
import { buildah, commitFolder } from './buildah.ts';

const run = promisify(execFile);

/*
 * The base images that the Dockerfile names, made from Debian's packages and from npm's: a test needs no image registry.
 * They differ from the published ones in nothing that the Dockerfile uses.
 */

export const DEBIAN_IMAGE = 'docker.io/library/debian:bookworm-slim';
export const NODE_IMAGE = 'docker.io/library/node:24-bookworm-slim';

/** What Debian's slim images leave out. */
const NOT_IN_SLIM = [
  'usr/share/doc',
  'usr/share/man',
  'usr/share/info',
  'usr/share/locale',
  'usr/share/lintian',
];
const LISTS_AND_LOGS = ['var/cache/apt', 'var/lib/apt/lists', 'var/log'];

/** Makes the base images that are not in the cache yet. Needs root. */
export async function makeBaseImages(scope: Scope): Promise<void> {
  if (process.getuid?.() !== 0) {
    throw new Error('expected root: debootstrap and the image run in folders with files of other users');
  }
  const images = await buildah('images', '--format', '{{.Name}}:{{.Tag}}');
  const has = (image: string) => images.split('\n').includes(image);
  if (!has(DEBIAN_IMAGE)) await makeDebianImage(await temporaryFolder(scope));
  if (!has(NODE_IMAGE)) await makeNodeImage(await temporaryFolder(scope));
}

async function makeDebianImage(folder: string): Promise<void> {
  await run('debootstrap', ['--variant=minbase', 'bookworm', folder], { maxBuffer: 16 * 1_048_576 });
  for (const path of [...NOT_IN_SLIM, ...LISTS_AND_LOGS]) {
    await rm(join(folder, path), { recursive: true, force: true });
    await mkdir(join(folder, path));
  }
  // How this machine reaches Debian's packages: its proxy, and what its mirror needs.
  const { stdout } = await run('apt-config', ['dump', 'Acquire']);
  await writeFile(join(folder, 'etc/apt/apt.conf.d/90test-machine'), stdout);
  await commitFolder(folder, 'scratch', DEBIAN_IMAGE);
}

async function makeNodeImage(folder: string): Promise<void> {
  const local = join(folder, 'usr/local');
  const modules = join(local, 'lib/node_modules');
  await mkdir(join(local, 'bin'), { recursive: true });
  await mkdir(join(local, 'etc'));
  await mkdir(modules, { recursive: true });
  await copyFile(process.execPath, join(local, 'bin/node')); // the Node 24 of the npm package `node`
  const { stdout } = await run('npm', ['pack', 'npm@11', '--silent', '--pack-destination', folder]);
  await run('tar', ['-xzf', join(folder, stdout.trim()), '-C', modules]);
  await cp(join(modules, 'package'), join(modules, 'npm'), { recursive: true });
  await rm(join(modules, 'package'), { recursive: true });
  await rm(join(folder, stdout.trim()));
  for (const name of ['npm', 'npx']) {
    await symlink(`../lib/node_modules/npm/bin/${name}-cli.js`, join(local, 'bin', name));
  }
  await takeNpmSettings(folder);
  await commitFolder(folder, DEBIAN_IMAGE, NODE_IMAGE);
}

/** Gives the image this machine's way to npm's packages: the registry, and the CA that vouches for it. */
async function takeNpmSettings(folder: string): Promise<void> {
  const setting = async (name: string) => (await run('npm', ['config', 'get', name])).stdout.trim();
  const file = join(folder, 'usr/local/etc/npmrc');
  await writeFile(file, `registry=${await setting('registry')}\n`);
  const named = [await setting('cafile'), process.env.NODE_EXTRA_CA_CERTS ?? ''];
  const ca = named.find((path) => path !== '' && path !== 'null');
  if (ca === undefined) return;
  await writeFile(join(folder, 'usr/local/etc/ca.pem'), await readFile(ca));
  await appendFile(file, 'cafile=/usr/local/etc/ca.pem\n');
}

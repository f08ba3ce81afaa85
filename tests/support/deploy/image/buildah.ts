import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { REPOSITORY } from '../../processes.ts';

const run = promisify(execFile);

/** Images and their layers. They outlive a test run: the base images take two minutes to make. */
export const IMAGE_CACHE = join(REPOSITORY, 'node_modules/.cache/images');

/** Runs buildah without a daemon, with plain folders as layers. Returns what it printed, without the newline. */
export async function buildah(...args: readonly string[]): Promise<string> {
  mkdirSync(IMAGE_CACHE, { recursive: true });
  const storage = [
    `--root=${join(IMAGE_CACHE, 'storage')}`,
    `--runroot=${join(IMAGE_CACHE, 'run')}`,
    '--storage-driver=vfs',
  ];
  const { stdout } = await run('buildah', [...storage, ...args], {
    env: { ...process.env, BUILDAH_ISOLATION: 'chroot' },
    maxBuffer: 64 * 1_048_576,
  });
  return stdout.trimEnd();
}

/** What an image says of itself: the part of its configuration that asdlc sets. */
export interface ImageConfig {
  readonly User: string;
  readonly WorkingDir: string;
  readonly Entrypoint: readonly string[];
  readonly Env: readonly string[];
  readonly ExposedPorts: Readonly<Record<string, object>>;
  readonly Healthcheck: { readonly Test: readonly string[]; readonly Retries: number };
  readonly Labels: Readonly<Record<string, string>>;
  readonly StopSignal: string;
}

export async function imageConfig(image: string): Promise<ImageConfig> {
  const text = await buildah('inspect', '--type', 'image', image);
  return (JSON.parse(text) as { Docker: { config: ImageConfig } }).Docker.config; // the form of Docker's images
}

/** Adds a folder to a new image on top of `base`, or to an empty one. */
export async function commitFolder(folder: string, base: string, name: string): Promise<void> {
  const container = await buildah('from', '--pull-never', base);
  try {
    await buildah('add', '--quiet', container, folder, '/');
    await buildah('commit', '--quiet', '--rm', container, name);
  } catch (error) {
    await buildah('rm', container).catch(() => undefined);
    throw error;
  }
}

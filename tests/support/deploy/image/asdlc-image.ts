import { REPOSITORY } from '../../processes.ts';
import type { Scope } from '../../scope.ts';
import { makeBaseImages } from './base-images.ts';
import { buildah } from './buildah.ts';

export const IMAGE = 'localhost/asdlc:test';
export const IMAGE_VERSION = '1.2.3';
export const IMAGE_REVISION = '0123456789abcdef0123456789abcdef01234567';

let built: Promise<unknown> | undefined;

/** Builds the image of the Dockerfile, once in a process. It takes more than a minute. */
export async function buildImage(scope: Scope): Promise<void> {
  await makeBaseImages(scope);
  built ??= buildah(
    ...['bud', '--quiet', '--format=docker', '--pull-never', '--layers=false', '--tag', IMAGE],
    ...['--build-arg', `VERSION=${IMAGE_VERSION}`, '--build-arg', `REVISION=${IMAGE_REVISION}`],
    REPOSITORY,
  );
  await built;
}

import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { output } from './commands.ts';
import { hashOfFile } from './file-hash.ts';
import type { ReleasePlan } from './plan.ts';
import { sbomOf } from './sbom.ts';

/** Writes the tarballs, the SBOM and their hashes to release/, and tags the commit. Returns what is in the folder. */
export function makeRelease(folder: string, version: string, { packages }: ReleasePlan): string[] {
  const target = resolve(folder, 'release');
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target);
  for (const each of packages)
    output(join(folder, each.folder), 'npm', ['pack', '--pack-destination', target]);
  writeFileSync(join(target, `sbom-${version}.cdx.json`), sbomOf(folder));
  const files = readdirSync(target).toSorted();
  const sums = files.map((file) => `${hashOfFile(join(target, file))}  ${file}\n`);
  writeFileSync(join(target, 'SHA256SUMS'), sums.join(''));
  output(folder, 'git', ['tag', '--annotate', `v${version}`, '--message', version]); // last: it says that all is there
  return [...files, 'SHA256SUMS'];
}

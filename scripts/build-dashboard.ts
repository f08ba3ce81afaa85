import { createHash } from 'node:crypto';
import { globSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build } from 'vite';

/*
 * Builds the dashboard into dashboard/dist and compresses the files, unless dashboard/dist is up to date:
 * `npx node scripts/build-dashboard.ts`. `npm start`, `npm test` and `npm run build` run it.
 */

const root = join(import.meta.dirname, '..');
const output = join(root, 'dashboard/dist');
const stampPath = join(output, '.sources');
const SMALLEST_COMPRESSED_BYTES = 512;

/** A hash of all that the bundle is made of: the sources, and the versions of the packages. */
function fingerprint(): string {
  const hash = createHash('sha256');
  const patterns = ['dashboard/**/*', 'src/shared/http-contract/*'];
  const sources = globSync(patterns, { cwd: root, exclude: ['dashboard/dist/**'] }).sort();
  for (const path of [...sources, 'package-lock.json', import.meta.filename]) {
    const full = path.startsWith('/') ? path : join(root, path);
    if (statSync(full).isFile()) hash.update(path).update('\0').update(readFileSync(full));
  }
  return hash.digest('hex');
}

function builtFrom(): string {
  try {
    return readFileSync(stampPath, 'utf8');
  } catch {
    return '';
  }
}

function compressAssets(): void {
  for (const path of globSync('assets/*.{js,css,svg}', { cwd: output })) {
    const body = readFileSync(join(output, path));
    if (body.length < SMALLEST_COMPRESSED_BYTES) continue;
    writeFileSync(join(output, `${path}.gz`), gzipSync(body, { level: 9 }));
    writeFileSync(join(output, `${path}.br`), brotliCompressSync(body));
  }
}

const sources = fingerprint();
if (builtFrom() !== sources) {
  process.stdout.write('building the dashboard …\n');
  await build({ root: join(root, 'dashboard'), logLevel: 'warn' });
  compressAssets();
  writeFileSync(stampPath, sources); // last: a build that broke off runs again
}

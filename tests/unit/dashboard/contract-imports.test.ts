import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';

const ROOT = join(import.meta.dirname, '../../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
/** Files of the contract with constants only. */
const CONSTANTS = ['limits.ts', 'panel-faces.ts', 'suspect-characters.ts', 'thresholds.ts'];

it('the dashboard takes only types and constants from the HTTP contract, so that its bundle holds no schemas', () => {
  const values = globSync('dashboard/src/**/*.{ts,tsx}', { cwd: ROOT }).flatMap((path) =>
    [...read(path).matchAll(/import (?!type )[^;]*?http-contract\/([\w-]+\.ts)'/g)].map(
      (match) => match[1] ?? '',
    ),
  );
  assert.deepEqual([...new Set(values)].sort(), CONSTANTS);
  for (const name of CONSTANTS) assert.doesNotMatch(read(`src/shared/http-contract/${name}`), /^import /m);
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { readPage } from '../../support/pages.ts';
import { REPOSITORY } from '../../support/processes.ts';

it('has each deviation that the client’s tests may fail by', () => {
  const script = readFileSync(join(REPOSITORY, 'scripts/client-tests.ts'), 'utf8');
  const list = /const DEVIATIONS.*?= \{(.*?)\n\};/s.exec(script)?.[1] ?? '';
  const names = [...list.matchAll(/^ {2}'([^']+)':/gm)].map(([, name = '']) => name);
  assert.ok(names.length > 5);
  const page = readPage('docs/metrics-library-deviations.md').replaceAll('\\_', '_');
  for (const name of names) assert.ok(page.includes(`| ${name} `), name);
});

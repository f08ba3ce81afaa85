import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { readPage } from '../../support/pages.ts';
import { REPOSITORY } from '../../support/processes.ts';

const page = readPage('docs/architecture.md');

describe('docs/architecture.md', () => {
  it('has at most 150 lines', () => {
    assert.ok(page.trimEnd().split('\n').length <= 150);
  });

  it('names only folders that exist', () => {
    const paths = [...page.matchAll(/`((?:src|dashboard)\/[\w./-]+)`/g)].map(([, path = '']) => path);
    assert.ok(paths.length >= 15, `${paths.length}`);
    for (const path of paths) {
      const folder = path.endsWith('/') ? path : dirname(path);
      assert.ok(existsSync(join(REPOSITORY, folder)), path);
    }
  });
});

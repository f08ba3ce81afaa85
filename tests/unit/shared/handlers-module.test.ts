import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { findHandlers } from '../../../src/shared/handlers-module.ts';
import { REPOSITORY } from '../../support/processes.ts';

describe('findHandlers', () => {
  it('returns the given module, from the current folder', () => {
    assert.deepEqual(findHandlers('a/b.js'), { path: join(process.cwd(), 'a/b.js'), isShipped: false });
  });

  it('returns handlers.ts of the current folder, else the module that comes with asdlc', (t) => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'asdlc-handlers-')));
    const before = process.cwd();
    t.after(() => {
      process.chdir(before);
      rmSync(folder, { recursive: true });
    });
    process.chdir(folder);
    const shipped = join(REPOSITORY, 'examples/handlers/index.ts');
    assert.deepEqual(findHandlers(undefined), { path: shipped, isShipped: true });
    for (const name of ['handlers.mjs', 'handlers.ts']) {
      writeFileSync(name, '');
      assert.deepEqual(findHandlers(undefined), { path: join(folder, name), isShipped: false });
    }
  });
});

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { SourceWatch } from '../../../../src/local-stack/reload/source-watch.ts';
import { until } from '../../../support/until.ts';

/** Longer than the watch waits for silence. */
const WRITE_INTERVAL_MS = 400;

/** Watches an empty folder. `noticed` writes the files again and again, as it is not known when the watch begins. */
function watchFolder(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'asdlc-sources-'));
  const watch = new SourceWatch(folder);
  t.after(async () => {
    await watch.close();
    rmSync(folder, { recursive: true });
  });
  const write = (path: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), `${performance.now()}`);
  };
  const noticed = async (...paths: readonly string[]) => {
    let writeAt = 0;
    await until('a change is noticed', () => {
      if (performance.now() > writeAt) {
        for (const path of paths) write(path);
        writeAt = performance.now() + WRITE_INTERVAL_MS;
      }
      return watch.change.aborted;
    });
    return watch.change.reason;
  };
  return { watch, noticed };
}

it('tells of a changed source, and again of the next one', async (t) => {
  const { watch, noticed } = watchFolder(t);
  assert.equal(await noticed('handlers.ts'), 'handlers.ts');
  watch.take();
  assert.equal(watch.change.aborted, false);
  assert.equal(await noticed('handlers.ts'), 'handlers.ts');
});

it('tells of a source in a folder below', async (t) => {
  assert.equal(await watchFolder(t).noticed('lib/mail/send.mjs'), join('lib', 'mail', 'send.mjs'));
});

it('does not tell of tests, other files, packages and hidden folders', async (t) => {
  const ignored = ['handlers.test.ts', 'README.md', 'node_modules/a/index.js', '.asdlc/a.json', 'data.db'];
  // The last change is the one that it names.
  assert.equal(await watchFolder(t).noticed('handlers.ts', ...ignored), 'handlers.ts');
});

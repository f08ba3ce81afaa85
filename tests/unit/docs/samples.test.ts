import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { ENTRIES, fileOf } from '../../../scripts/metrics-package-entries.ts';
import { PAGES, readPage } from '../../support/pages.ts';
import { REPOSITORY } from '../../support/processes.ts';

interface Sample {
  /** The page and the number of the sample in it, as a path: a compiler's error names both. */
  readonly path: string;
  readonly source: string;
}

function samplesOf(page: string): Sample[] {
  return [...readPage(page).matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, source = ''], index) => ({
    path: `${page}-${index + 1}.ts`,
    source: /^(import|export) /m.test(source) ? source : `${source}\nexport {};\n`,
  }));
}

/**
 * Samples stand where their pages do: `rootDirs` lays their folder over the repository, so that their relative imports
 * mean what they mean beside the page.
 */
function compilerOptions(folder: string) {
  return {
    extends: join(REPOSITORY, 'tsconfig.json'),
    compilerOptions: {
      rootDirs: [REPOSITORY, folder],
      paths: {
        'asdlc/client': [join(REPOSITORY, 'src/client/index.ts')],
        'asdlc/handlers': [join(REPOSITORY, 'src/handlers/index.ts')],
        'asdlc/metrics': [join(REPOSITORY, 'src/infrastructure/metrics/index.ts')],
        '@asdlc/metrics': [join(folder, 'package/index.ts')],
        '@asdlc/metrics/*': [join(folder, 'package/*.ts')],
      },
    },
    include: ['./**/*.ts'],
  };
}

/** The entries of the package `@asdlc/metrics`, over the sources. */
function packageEntries(): Sample[] {
  return ENTRIES.map((entry) => {
    const lines = entry.modules.map((module) => `export * from '../src/infrastructure/metrics/${module}';\n`);
    return { path: `package/${fileOf(entry)}.ts`, source: lines.join('') };
  });
}

describe('TypeScript samples of the docs', () => {
  it('compile', (t) => {
    const samples = PAGES.flatMap(samplesOf);
    assert.ok(samples.length >= 8, `${samples.length}`);
    const folder = mkdtempSync(join(REPOSITORY, '.doc-samples-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    for (const { path, source } of [...samples, ...packageEntries()]) {
      mkdirSync(join(folder, dirname(path)), { recursive: true });
      writeFileSync(join(folder, path), source);
    }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(compilerOptions(folder)));
    const tsc = join(REPOSITORY, 'node_modules/.bin/tsc');
    const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' });
    assert.equal(status, 0, stdout);
  });
});

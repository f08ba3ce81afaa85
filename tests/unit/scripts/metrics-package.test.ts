import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ENTRIES, manifestFields } from '../../../scripts/metrics-package-entries.ts';
import { REPOSITORY } from '../../support/processes.ts';

describe('packages/metrics', () => {
  it('has the version, the client and the entries of this system’s package (else run: npm run build)', async () => {
    const read = async (path: string) => JSON.parse(await readFile(join(REPOSITORY, path), 'utf8'));
    const [ours, theirs] = [await read('packages/metrics/package.json'), await read('package.json')];
    assert.equal(ours.version, theirs.version);
    assert.deepEqual(ours.dependencies, {
      '@prometheus-io/client': theirs.dependencies['@prometheus-io/client'],
    });
    for (const [field, value] of Object.entries(manifestFields()))
      assert.deepEqual(ours[field], value, field);
  });

  it('imports in each entry only the client, Node and the entry’s peers', async () => {
    const require = createRequire(import.meta.url);
    const importsOf = async (module: string, seen = new Set<string>()): Promise<Set<string>> => {
      const found = new Set<string>();
      if (seen.has(module)) return found;
      seen.add(module);
      const text = await readFile(module, 'utf8');
      for (const [, name = ''] of text.matchAll(
        /^(?:import|export) (?!type )(?:[^;']*? from )?'([^']+)';/gm,
      )) {
        if (name.startsWith('.'))
          for (const one of await importsOf(join(module, '..', name), seen)) found.add(one);
        else if (!name.startsWith('node:'))
          found.add(
            name
              .split('/')
              .slice(0, name.startsWith('@') ? 2 : 1)
              .join('/'),
          );
      }
      return found;
    };
    for (const { path, modules, peers = {} } of ENTRIES) {
      const names = new Set<string>();
      for (const module of modules) {
        const file = require.resolve(join(REPOSITORY, 'src/infrastructure/metrics', module));
        for (const name of await importsOf(file)) names.add(name);
      }
      const allowed = ['@prometheus-io/client', ...Object.keys(peers)];
      assert.deepEqual(
        [...names].filter((name) => !allowed.includes(name)),
        [],
        path,
      );
    }
  });
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { complete } from '../../scripts/complete-lock.ts';
import { REPOSITORY } from '../support/processes.ts';

const lock = JSON.parse(readFileSync(join(REPOSITORY, 'package-lock.json'), 'utf8'));

describe('package-lock.json', () => {
  it('has the optional packages of every platform (else run: npx node scripts/complete-lock.ts)', () => {
    assert.deepEqual(Object.keys(lock.packages), Object.keys(complete(lock)));
  });

  it('has a hash of every package', () => {
    const without = Object.entries<{ integrity?: string }>(lock.packages).filter(
      ([path, { integrity = '' }]) => path !== '' && !integrity.startsWith('sha512-'),
    );
    assert.deepEqual(without, []);
  });

  it('is joined by a hash of the Node that the package "node" fetches, of the same version', () => {
    const text = readFileSync(join(REPOSITORY, 'scripts/bootstrap/node-integrity.txt'), 'utf8');
    const { version } = lock.packages['node_modules/node'];
    for (const line of text.trim().split('\n')) {
      assert.match(line, new RegExp(`^node-\\w+-\\w+ ${version.replaceAll('.', '\\.')} sha512-\\S{88}$`));
    }
  });

  it('names no registry host', () => {
    assert.ok(Object.values(lock.packages).every((entry) => !Object.hasOwn(entry as object, 'resolved')));
  });
});

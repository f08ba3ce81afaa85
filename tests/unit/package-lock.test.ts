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

  it('names no registry host', () => {
    assert.ok(Object.values(lock.packages).every((entry) => !Object.hasOwn(entry as object, 'resolved')));
  });
});

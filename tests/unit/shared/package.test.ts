import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { packageVersion } from '../../../src/shared/package.ts';

describe('packageVersion', () => {
  it('returns the version of the package', () => {
    assert.match(packageVersion(), /^\d+\.\d+\.\d+/);
  });
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { configurationPage } from '../../../scripts/configuration-docs.ts';
import { REPOSITORY } from '../../support/processes.ts';

describe('docs/configuration.md', () => {
  it('is what its command writes (else run: npx node scripts/configuration-docs.ts)', () => {
    assert.equal(readFileSync(join(REPOSITORY, 'docs/configuration.md'), 'utf8'), configurationPage());
  });

  it('is written only when every variable has a meaning', () => {
    const readers = { orchestrator: { properties: { NEW: { default: 1 } } } };
    assert.throws(() => configurationPage(readers, { Processes: {} }), /expected a meaning of NEW/);
  });

  it('is written only when every meaning has a variable', () => {
    assert.throws(() => configurationPage({}, { Processes: { OLD: 'Gone.' } }), /expected OLD .* in src/);
  });
});

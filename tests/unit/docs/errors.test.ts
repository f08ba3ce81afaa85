import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { cliSchema, localStackSchema } from '../../../src/shared/config-variables.ts';
import { readPage, tableRows } from '../../support/pages.ts';
import { REPOSITORY } from '../../support/processes.ts';

const page = readPage('docs/errors.md');
const source = globSync('src/**/*.ts', { cwd: REPOSITORY })
  .map((path) => readFileSync(join(REPOSITORY, path), 'utf8'))
  .join('\n');

/** The codes of the page, by status; those of a start have none. */
const documented = new Map(
  [...page.matchAll(/^\| `(ASDLC_\w+)` +\| +(\d+)?/gm)].map(([, code, status]) => [code, status]),
);

describe('docs/errors.md', () => {
  it('lists the codes that the source has, and no others', () => {
    const codes = new Set([...source.matchAll(/\bASDLC_[A-Z_]*[A-Z]\b/g)].map(([code]) => code));
    for (const { properties } of [localStackSchema, cliSchema])
      for (const variable of Object.keys(properties))
        for (const name of [variable, `${variable}_FILE`]) codes.delete(name);
    assert.deepEqual([...documented.keys()].toSorted(), [...codes].toSorted());
  });

  it('has the status that the source gives each code', () => {
    const made = [...source.matchAll(/new AsdlcError\(\s*'(ASDLC_\w+)',\s*(\d+)/g)];
    assert.ok(made.length >= 8, `${made.length}`);
    for (const [, code, status] of made) {
      const expected = documented.get(code);
      if (expected !== undefined) assert.equal(expected, status, code);
    }
  });

  it('lists the error types of the query API with their status', () => {
    const [, block = ''] = /QUERY_ERROR_STATUS = \{([^}]*)\}/.exec(source) ?? [];
    const statuses = [...block.matchAll(/(\w+): (\d+)/g)].map(([, type, status]) => [type, Number(status)]);
    assert.ok(statuses.length >= 8, block);
    const rows = tableRows(page, 'errorType').map(([type = '', status]) => [
      type.replaceAll('`', ''),
      Number(status),
    ]);
    const ofTokens = { unauthorized: 401, forbidden: 403 };
    assert.deepEqual(Object.fromEntries(rows), { ...Object.fromEntries(statuses), ...ofTokens });
  });
});

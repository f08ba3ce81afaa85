import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PANELS } from '../../../src/infrastructure/telemetry/panels.ts';
import { QUERY_ENDPOINTS } from '../../../src/orchestrator/query/endpoints.ts';
import { checkPromql } from '../../../src/orchestrator/query/promql.ts';
import { readPage, tableRows } from '../../support/pages.ts';

const page = readPage('docs/query-api.md');

/** The first cells of a table's rows, without their backquotes. */
function firstCells(header: string): string[] {
  return tableRows(page, header).map(([cell = '']) => cell.replaceAll('`', ''));
}

describe('docs/query-api.md', () => {
  it('lists every panel with its unit, in order', () => {
    assert.deepEqual(
      firstCells('panel'),
      PANELS.map(({ name }) => name),
    );
    for (const { name, unit } of PANELS) {
      assert.match(page, new RegExp(`^\\| \`${name}\` +\\| \`${unit}\` `, 'm'));
    }
  });

  it('names only panels that exist', () => {
    const known = new Set(PANELS.map(({ name }) => name));
    const named = [...page.matchAll(/\/panels\/(\w+)/g)].map((match) => match[1] ?? '');
    assert.ok(named.length > 0);
    for (const name of named) assert.ok(known.has(name), name);
  });

  it('has PromQL that the parser accepts', () => {
    const queries = [
      ...page.matchAll(/'(?:query|match\[\])=([^']+)'/g),
      ...page.matchAll(/query: '([^']+)'/g),
      ...page.matchAll(/api\/metrics\/prom '([^']+)'/g),
    ].map((match) => match[1] ?? '');
    assert.ok(queries.length >= 8, `${queries.length}`);
    for (const query of queries) checkPromql(query);
  });

  it('lists every query route with its methods', () => {
    const routes = firstCells('route').map((route) => route.replaceAll(/ +/g, ' '));
    for (const { methods, url } of QUERY_ENDPOINTS) {
      assert.ok(routes.includes(`${methods.join(', ')} ${url}`), url);
    }
  });
});

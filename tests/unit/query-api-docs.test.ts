import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { PANELS } from '../../src/infrastructure/telemetry/panels.ts';
import { QUERY_ENDPOINTS } from '../../src/orchestrator/query/endpoints.ts';
import { checkPromql } from '../../src/orchestrator/query/promql.ts';
import { loadOrchestratorConfig } from '../../src/shared/config.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/query-api.md'), 'utf8');

/** The first cells of a table's rows, without their backquotes, from the table that has this header. */
function firstCells(header: string): string[] {
  const table =
    page
      .slice(page.indexOf(`\n| ${header} `))
      .trimStart()
      .split('\n\n', 1)[0] ?? '';
  const rows = table.split('\n').slice(2);
  return rows.map((row) => (row.split('|')[1] ?? '').trim().replaceAll('`', ''));
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

  it('names panels that there are', () => {
    const known = new Set(PANELS.map(({ name }) => name));
    const named = [...page.matchAll(/\/panels\/(\w+)/g)].map((match) => match[1] ?? '');
    assert.ok(named.length > 0);
    for (const name of named) assert.ok(known.has(name), name);
  });

  it('has PromQL that parses', () => {
    const queries = [
      ...page.matchAll(/'(?:query|match\[\])=([^']+)'/g),
      ...page.matchAll(/query: '([^']+)'/g),
      ...page.matchAll(/api\/metrics\/prom '([^']+)'/g),
    ].map((match) => match[1] ?? '');
    assert.ok(queries.length >= 8, `${queries.length}`);
    for (const query of queries) checkPromql(query);
  });

  it('lists every route of queries with its methods', () => {
    const routes = firstCells('route').map((route) => route.replaceAll(/ +/g, ' '));
    for (const { methods, url } of QUERY_ENDPOINTS) {
      assert.ok(routes.includes(`${methods.join(', ')} ${url}`), url);
    }
  });

  it('lists every setting of the query API', () => {
    const optional = { QUERY_CORS_ORIGINS: '*', TRUSTED_PROXIES: '10.0.0.1' };
    const settings = Object.keys(loadOrchestratorConfig(optional));
    const ours = settings.filter((name) => /^(QUERY|VICTORIAMETRICS|SCRAPE|TRUSTED)_/.test(name));
    assert.deepEqual(
      ours.toSorted(),
      firstCells('variable')
        .filter((name) => name !== 'API_TOKEN')
        .toSorted(),
    );
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parser } from '@prometheus-io/lezer-promql';
import { pino } from 'pino';
import { ruleGroups } from '../../../src/infrastructure/telemetry/alerts.ts';
import { METRIC_DEFINITIONS } from '../../../src/infrastructure/telemetry/catalogue.ts';
import { checkPromql } from '../../../src/orchestrator/query/promql.ts';
import { runbookRoutes } from '../../../src/orchestrator/runbook-routes.ts';
import { createHttpServer } from '../../../src/shared/service/http-server.ts';
import { readPage } from '../../support/pages.ts';
import { REPOSITORY } from '../../support/processes.ts';

const PAGE = readPage('docs/runbooks.md');
const ALERTS = ruleGroups().flatMap(({ alerts }) => alerts.map(({ name }) => name));

describe('docs/runbooks.md', () => {
  it('has a section for each alert, in their order', () => {
    const headings = [...PAGE.matchAll(/^## (.*)$/gm)].map((match) => match[1]);
    const byGroup = (names: readonly (string | undefined)[]) => [...names].sort();
    assert.deepEqual(byGroup(headings), byGroup(ALERTS));
  });

  it('says in each section what to look at, what to do and what not to do', () => {
    for (const section of PAGE.split(/^## /m).slice(1)) {
      for (const part of ['- **Look at**', '- **Do**', '- **Do not**'])
        assert.ok(section.includes(part), `${part} in ${section}`);
    }
  });

  it('has queries that are PromQL and name metrics of the catalogue', () => {
    const names = new Set(METRIC_DEFINITIONS.map(({ name }) => name));
    const queries = [...PAGE.matchAll(/`([^`]*(?:asdlc_|up\{)[^`]*)`/g)].map((match) => match[1] ?? '');
    assert.ok(queries.length > ALERTS.length);
    for (const query of queries) {
      checkPromql(query);
      parser.parse(query).iterate({
        enter: ({ name, from, to, node }) => {
          if (name !== 'Identifier' || node.parent?.name !== 'VectorSelector') return;
          const metric = query.slice(from, to).replace(/_(bucket|sum|count)$/, '');
          assert.ok(metric === 'up' || names.has(metric), `${metric} in ${query}`);
        },
      });
    }
  });

  it('is served section by section, where the alerts link to', async (t) => {
    const app = createHttpServer(pino({ level: 'silent' }));
    t.after(() => app.close());
    await app.register(runbookRoutes, { path: `${REPOSITORY}/docs/runbooks.md` });
    for (const name of ALERTS) {
      const { statusCode, headers, body } = await app.inject(`/runbooks/${name}`);
      assert.deepEqual([statusCode, headers['content-type']], [200, 'text/plain; charset=utf-8']);
      assert.ok(body.startsWith(`# ${name}\n`));
    }
    const { statusCode, body } = await app.inject('/runbooks/Nothing');
    assert.equal(statusCode, 404);
    assert.match(body, /expected the name of an alert: TargetDown, .*; got/);
  });
});

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { readPage, tableRows } from '../../support/pages.ts';
import { freePort, startProcess } from '../../support/processes.ts';
import { suiteScope } from '../../support/scope.ts';
import { until } from '../../support/until.ts';

type Paths = Record<string, Record<string, { responses: Record<string, unknown> }>>;

describe('docs/api.md', () => {
  const scope = suiteScope();
  const page = readPage('docs/api.md');
  const documented = tableRows(page, 'route').map(([route = '', service]) => ({
    route: route.replaceAll('`', ''),
    service,
  }));
  /** By route, as the table names it: the statuses of its errors. */
  const served = new Map<string, string[]>();

  before(async () => {
    const port = await freePort();
    // The document needs no Redis: none listens there.
    const env = {
      SERVICE_PORT: `${port}`,
      REDIS_URL: `redis://127.0.0.1:${await freePort()}`,
      LOG_LEVEL: 'silent',
    };
    startProcess(scope, process.execPath, ['src/orchestrator/main.ts'], { env });
    const document = await until('the OpenAPI document', async () =>
      (await fetch(`http://127.0.0.1:${port}/openapi.json`)).json(),
    );
    for (const [path, methods] of Object.entries((document as { paths: Paths }).paths)) {
      if (path.startsWith('/api/metrics/')) continue;
      for (const [method, { responses }] of Object.entries(methods)) {
        const errors = Object.keys(responses).filter((status) => Number(status) >= 400);
        served.set(`${method.toUpperCase()} ${path}`, errors);
      }
    }
  });

  it('lists the routes of the OpenAPI document, and GET /stats of the workers', () => {
    assert.deepEqual(
      documented.map(({ route }) => route).toSorted(),
      [...served.keys(), 'GET /stats'].toSorted(),
    );
  });

  it('has a section for each route, in the order of the table', () => {
    const sections = [...page.matchAll(/^## ([A-Z]+ \/.*)$/gm)].map(([, route]) => route);
    assert.deepEqual(
      sections,
      documented.map(({ route }) => route),
    );
  });

  it('has the statuses of the errors of each route', () => {
    const common: string[] =
      /may answer ([\d, and]+); the others are listed/.exec(page)?.[1]?.match(/\d+/g) ?? [];
    assert.equal(common.length, 4);
    for (const [route, all] of served) {
      const isApi = route.includes(' /api/');
      if (isApi)
        assert.deepEqual(
          all.filter((status) => common.includes(status)),
          common,
          route,
        );
      const errors: string[] = isApi ? all.filter((status) => !common.includes(status)) : all;
      const section = page.split(`\n## ${route}\n`)[1]?.split('\n## ')[0] ?? '';
      const [, statuses = ''] = /^Errors: (.*)\.$/m.exec(section) ?? [];
      assert.deepEqual(statuses.split(', ').filter(Boolean), errors, route);
    }
  });
});

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import fc from 'fast-check';
import { digestOf } from '../../src/shared/service/access/tokens.ts';
import { ADVERSARIAL, assertHidden } from '../support/hidden-series.ts';
import { request } from '../support/http.ts';
import { promql } from '../support/promql-arbitrary.ts';
import { BEGIN, describeQueryApi, END, type QueryApi } from '../support/tsdb.ts';

const folder = mkdtempSync(join(tmpdir(), 'asdlc-labels-'));
after(() => rmSync(folder, { recursive: true }));
const API_TOKENS_FILE = join(folder, 'tokens.yml');
const entry = { name: 'b', sha256: digestOf('token-of-b').toString('hex'), scopes: ['metrics:read'] };
writeFileSync(API_TOKENS_FILE, JSON.stringify({ tokens: [{ ...entry, labels: { service: 'b' } }] }));

/** The ways in which a holder may try to get another label. */
const ATTEMPTS: readonly Record<string, string>[] = [
  {},
  { service: 'a' },
  { extra_label: 'service=a' },
  { 'extra_filters[]': '{service="a"}' },
];

async function ask({ url }: QueryApi, path: string, parameters: Record<string, string>, method = 'GET') {
  const form = new URLSearchParams(parameters);
  const target = `${url}/api/metrics/${path}`;
  const init = { method, headers: { authorization: 'Bearer token-of-b' } };
  return method === 'GET' ? request(`${target}?${form}`, init) : request(target, { ...init, body: form });
}

describeQueryApi(
  'the labels of a token',
  (api) => {
    const times = { start: String(BEGIN), end: String(END) };

    it('restrict every query, whatever else the request asks for', async () => {
      let answered = 0;
      for (const query of ADVERSARIAL) {
        for (const attempt of ATTEMPTS) {
          for (const method of ['GET', 'POST']) {
            const instant = await ask(api(), 'query', { ...attempt, query, time: times.end }, method);
            assertHidden(query, instant);
            assertHidden(
              query,
              await ask(api(), 'query_range', { ...attempt, query, ...times, step: '1' }, method),
            );
            if (instant.status === 200) answered += 1;
          }
        }
      }
      assert.ok(answered > ADVERSARIAL.length, `${answered}`);
    });

    it('restrict generated queries', async () => {
      for (const query of fc.sample(promql, { numRuns: 300, seed: 3 })) {
        assertHidden(query, await ask(api(), 'query', { query: `(${query}) or secret`, time: times.end }));
      }
    });

    it('restrict series, labels, their values and metadata', async () => {
      const matches = [
        {},
        { 'match[]': 'secret' },
        { 'match[]': '{service="a"}' },
        { 'match[]': '{__name__=~".+"}' },
      ];
      for (const attempt of ATTEMPTS) {
        for (const match of matches) {
          for (const path of ['series', 'labels', 'prom/api/v1/series', 'prom/api/v1/labels']) {
            assertHidden(path, await ask(api(), path, { ...attempt, ...match, ...times }));
          }
          for (const label of ['__name__', 'service', 'only_a']) {
            const { body } = await ask(api(), `label/${label}/values`, { ...attempt, ...match, ...times });
            assert.doesNotMatch(JSON.stringify(body.data ?? null), /secret|"a"|yes/, label);
          }
        }
        assertHidden('metadata', await ask(api(), 'metadata', attempt));
      }
    });

    it('let the series with these labels through', async () => {
      const { body } = await ask(api(), 'query', { query: 't', time: times.end });
      assert.deepEqual(
        body.data.result.map(({ metric }: { metric: { service: string } }) => metric.service),
        ['b'],
      );
      const other = await ask(api(), 'query', { query: 't', time: times.end, service: 'a' });
      assert.deepEqual(other.body.data.result, []);
    });

    it('keep the holder from /metrics, which has all series of the process', async () => {
      const read = async (token: string) => {
        const headers = { authorization: `Bearer ${token}` };
        return (await request(`${api().url}/metrics`, { headers })).status;
      };
      assert.deepEqual([await read('token-of-b'), await read('token-of-scraper')], [403, 200]);
    });

    it('restrict the list of services, and panels', async () => {
      const services = await ask(api(), 'services', {});
      assert.doesNotMatch(JSON.stringify(services.body), /"a"/);
      const panel = await ask(api(), 'panels/request_rate', times);
      assert.equal(panel.status, 200);
    });
  },
  { API_TOKENS_FILE, METRICS_TOKEN: 'token-of-scraper' },
);

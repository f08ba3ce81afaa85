import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboardFiles } from '../../scripts/grafana-dashboards.ts';
import { type DrivenStack, startDrivenStack, untilPanelsHaveData } from '../support/driven-stack.ts';
import { expressionsOf, interpolated } from '../support/grafana.ts';
import { request } from '../support/http.ts';
import { suiteScope } from '../support/scope.ts';

/** What a sound system has no series of. */
const OF_FAULTS =
  /> 0|== 1|stalled|stray|_removed_|_overflow_|collector_errors|coalesced|rejected|reconnects|redis_errors|state_changes|paused_type|"5\.\."/;

describe("Grafana's dashboards on the running system", () => {
  const scope = suiteScope();
  let stack: DrivenStack;

  before(async () => {
    stack = await startDrivenStack(scope);
    await untilPanelsHaveData(stack.url);
  });

  /** The paths at which the datasources of deploy/grafana ask. */
  const sources = () => [`${stack.url}/api/metrics/prom`, stack.tsdb.url];

  for (const [name, text] of Object.entries(dashboardFiles())) {
    it(`answers each query of ${name}, through the query API and from the TSDB`, async () => {
      for (const expr of expressionsOf(JSON.parse(text) as Dashboard)) {
        for (const source of sources()) {
          const end = Math.floor(Date.now() / 1000);
          const body = new URLSearchParams({
            query: interpolated(expr),
            start: String(end - 60),
            end: String(end),
            step: '1',
          });
          const { status, body: answer } = await request(`${source}/api/v1/query_range`, {
            method: 'POST',
            body,
          });
          assert.equal(status, 200, `${expr}: ${JSON.stringify(answer)}`);
          if (!OF_FAULTS.test(expr)) assert.ok(answer.data.result.length > 0, `no series: ${expr}`);
        }
      }
    });
  }

  it('lists the values of its variables', async () => {
    for (const source of sources()) {
      for (const [label, metric] of [
        ['service', 'asdlc_service_info'],
        ['event_type', 'asdlc_events_processed_total'],
        ['instance', 'asdlc_service_info{service=~".*"}'],
      ] as const) {
        const match = new URLSearchParams({ 'match[]': metric });
        const { body } = await request(`${source}/api/v1/label/${label}/values?${match}`);
        assert.ok(body.data.length > 0, label);
      }
    }
  });
});

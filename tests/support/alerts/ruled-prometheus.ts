import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type RunningServer, temporaryFolder } from '../processes.ts';
import type { Scope } from '../scope.ts';
import { startPrometheus } from '../tsdb.ts';
import { until } from '../until.ts';

/** Two alerts that fire for good, of the services a and b, one that stays pending, and a recording rule. */
export const RULES = `groups:
  - name: test
    interval: 1s
    rules:
      - { record: "a:one", expr: vector(1) }
      - alert: Broken
        expr: vector(7)
        labels: { service: a, severity: critical }
        annotations:
          summary: "{{ $value }} parts are broken"
          runbook_url: http://127.0.0.1:8080/runbooks/RedisDown
      - { alert: Slow, expr: vector(1), labels: { service: b, severity: warning } }
      - { alert: Waiting, expr: vector(1), for: 1h, labels: { service: a, severity: critical } }
`;

/** Starts Prometheus with these rules, and waits until all alerts are there. */
export async function startRuledPrometheus(scope: Scope): Promise<RunningServer> {
  const folder = await temporaryFolder(scope);
  await writeFile(join(folder, 'rules.yml'), RULES);
  const prometheus = await startPrometheus(scope, 'rule_files: [rules.yml]\n', { folder });
  await untilAlerts(prometheus.url);
  return prometheus;
}

export async function untilAlerts(url: string): Promise<void> {
  await until('the rules were evaluated', async () => {
    const { data } = (await (await fetch(`${url}/api/v1/alerts`)).json()) as { data: { alerts: unknown[] } };
    return data.alerts.length === 3;
  });
}

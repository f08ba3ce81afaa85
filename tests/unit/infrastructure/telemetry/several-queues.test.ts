import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { TIMELINE_QUERY } from '../../../../dashboard/src/why/rules/series-query.ts';
import { METRIC_DEFINITIONS } from '../../../../src/infrastructure/telemetry/catalogue.ts';
import { PANELS } from '../../../../src/infrastructure/telemetry/panels.ts';
import { REPOSITORY, temporaryFolder } from '../../../support/processes.ts';

const run = promisify(execFile);

/** By queue and state. Both processes expose all of them. */
const TASKS = {
  tasks: { waiting: 3, active: 1, dead: 7 },
  gpu: { waiting: 5, active: 0, dead: 2 },
};
const UNHANDLED = { tasks: 4, gpu: 6 };

const inputs = ['orchestrator', 'workers'].flatMap((service) => [
  ...Object.entries(TASKS).flatMap(([queue, states]) =>
    Object.entries(states).map(([state, value]) => ({
      series: `asdlc_queue_tasks{service="${service}",queue="${queue}",state="${state}"}`,
      values: `${value}x5`,
    })),
  ),
  ...Object.entries(UNHANDLED).map(([queue, value]) => ({
    series: `asdlc_queue_unhandled_tasks{service="${service}",queue="${queue}"}`,
    values: `${value}x5`,
  })),
]);

const queryOf = (metric: string) => METRIC_DEFINITIONS.find(({ name }) => name === metric)?.query;
const panelOf = (panel: string) =>
  PANELS.find(({ name }) => name === panel)?.queries.map(({ promql }) => promql) ?? [];
const scaledObject = readFileSync(
  join(REPOSITORY, 'deploy/kubernetes/components/autoscaling/scaled-object.yaml'),
  'utf8',
);

const byState = [
  { labels: '{state="waiting"}', value: 8 },
  { labels: '{state="active"}', value: 1 },
];
const [depth, unhandled] = panelOf('queue_depth');

it('counts of tasks are summed over the queues, and once for all processes that expose them', async (t) => {
  const cases = [
    [queryOf('asdlc_queue_tasks'), byState],
    [depth, byState],
    [queryOf('asdlc_queue_unhandled_tasks'), [{ labels: '{}', value: 10 }]],
    [unhandled, [{ labels: '{}', value: 10 }]],
    [panelOf('dead_tasks')[0], [{ labels: '{}', value: 9 }]],
    [parse(scaledObject).spec.triggers[0].metadata.query, [{ labels: '{}', value: 9 }]],
    [TIMELINE_QUERY, [{ labels: '{mark="waiting"}', value: 8 }]],
  ];
  const folder = await temporaryFolder(t);
  const file = join(folder, 'several-queues.json'); // JSON is YAML
  const promql_expr_test = cases.map(([expr, exp_samples]) => ({ expr, eval_time: '1m', exp_samples }));
  await writeFile(
    file,
    JSON.stringify({ tests: [{ interval: '1m', input_series: inputs, promql_expr_test }] }),
  );
  const { stdout } = await run('promtool', ['test', 'rules', file]).catch((error: { stderr: string }) =>
    assert.fail(error.stderr),
  );
  assert.match(stdout, /SUCCESS/);
});

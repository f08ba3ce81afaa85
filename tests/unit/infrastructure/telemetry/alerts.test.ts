import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { parser } from '@prometheus-io/lezer-promql';
import { parse, stringify } from 'yaml';
import { rulesFile, settingsFrom } from '../../../../scripts/alert-rules.ts';
import { USUAL_SETTINGS } from '../../../../src/infrastructure/telemetry/alerts/alert.ts';
import { ruleGroups } from '../../../../src/infrastructure/telemetry/alerts.ts';
import { METRIC_DEFINITIONS } from '../../../../src/infrastructure/telemetry/catalogue.ts';
import { CASES, MORE_QUIET } from '../../../support/alerts/cases.ts';
import { REPOSITORY } from '../../../support/processes.ts';

const run = promisify(execFile);
const RULES = join(REPOSITORY, 'deploy/alerts/asdlc.rules.yml');
const GROUPS = ruleGroups();
const ALERTS = GROUPS.flatMap(({ alerts }) => alerts);
/** Series that the scraper makes, or the client by default. */
const OTHERS = ['up', 'nodejs_eventloop_lag_p99_seconds', 'process_start_time_seconds'];
const LOOK_MINUTE = 70;

interface PromtoolCase {
  readonly name: string;
  readonly series: Readonly<Record<string, string>>;
  readonly fires: boolean;
}

/** What promtool checks of one alert. It looks at the alert's own series, which need no expected text. */
function promtoolTests(alert: string, rulesPath: string): string {
  const { fires, quiet, minute = LOOK_MINUTE } = CASES[alert] ?? assert.fail(alert);
  const more = MORE_QUIET.filter((one) => one.alert === alert);
  const cases: PromtoolCase[] = [
    { name: `${alert} fires`, series: fires, fires: true },
    { name: `${alert} does not fire`, series: quiet, fires: false },
    ...more.map(({ because, series }) => ({ name: `${alert}: ${because}`, series, fires: false })),
  ];
  const tests = cases.map((one) => ({
    name: one.name,
    interval: '1m',
    input_series: Object.entries(one.series).map(([series, values]) => ({ series, values })),
    promql_expr_test: [
      {
        expr: `count by (alertname) (ALERTS{alertname="${alert}",alertstate="firing"})`,
        eval_time: `${minute}m`,
        exp_samples: one.fires ? [{ labels: `{alertname="${alert}"}`, value: 1 }] : [],
      },
    ],
  }));
  return stringify({ rule_files: [rulesPath], evaluation_interval: '30s', tests });
}

/** The rules file with one alert only and what it needs: promtool takes a minute for all rules in all cases. */
function rulesOf(alert: string): string {
  const { groups }: RulesFile = parse(readFileSync(RULES, 'utf8'));
  const own = groups.filter(({ rules }) => rules.some((rule) => rule.alert === alert));
  return stringify({
    groups: own.map(({ rules, ...group }) => ({
      ...group,
      rules: rules.filter((rule) => rule.alert === undefined || rule.alert === alert),
    })),
  });
}

interface RulesFile {
  readonly groups: readonly {
    readonly name: string;
    readonly rules: readonly { readonly alert?: string }[];
  }[];
}

describe('alerts', () => {
  const folder = mkdtempSync(join(tmpdir(), 'asdlc-test-'));
  after(() => rmSync(folder, { recursive: true }));

  it('are in deploy/alerts/asdlc.rules.yml as generated (else run: npx node scripts/alert-rules.ts)', () => {
    assert.equal(readFileSync(RULES, 'utf8'), rulesFile());
  });

  it('have names that are unique, and a case each', () => {
    const names = ALERTS.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    assert.deepEqual(Object.keys(CASES), names);
  });

  it('fire, and do not fire, as promtool sees it', async () => {
    const paths = ALERTS.map(({ name }) => {
      const path = join(folder, `${name}.test.yml`);
      writeFileSync(join(folder, `${name}.yml`), rulesOf(name));
      writeFileSync(path, promtoolTests(name, `${name}.yml`));
      return path;
    });
    const { stdout } = await run('promtool', ['test', 'rules', ...paths]).catch((error) =>
      assert.fail(`${error.stdout}${error.stderr}`),
    );
    assert.equal(stdout.match(/SUCCESS/g)?.length, ALERTS.length);
  });

  it('have texts that promtool fills in', async () => {
    const { fires } = CASES.MassDeath ?? assert.fail();
    const alert = ALERTS.find(({ name }) => name === 'MassDeath');
    const file = {
      rule_files: [RULES],
      evaluation_interval: '30s',
      tests: [
        {
          interval: '1m',
          input_series: Object.entries(fires).map(([series, values]) => ({ series, values })),
          alert_rule_test: [
            {
              alertname: 'MassDeath',
              eval_time: '70m',
              exp_alerts: [
                {
                  exp_labels: { severity: 'critical', system: 'asdlc' },
                  exp_annotations: {
                    summary: '506 tasks were given up in ten minutes',
                    description: alert?.description,
                    dashboard_url: 'http://127.0.0.1:8080/tasks?status=dead',
                    runbook_url: 'http://127.0.0.1:8080/runbooks/MassDeath',
                  },
                },
              ],
            },
          ],
        },
      ],
    };
    const path = join(folder, 'texts.test.yml');
    writeFileSync(path, stringify(file));
    await run('promtool', ['test', 'rules', path]).catch((error) => assert.fail(error.stdout + error.stderr));
  });

  it('name only metrics of the catalogue, recording rules, and those of scraper and client', () => {
    const known = new Set([
      ...OTHERS,
      ...GROUPS.flatMap(({ recordings }) => recordings.map(({ record }) => record)),
      ...METRIC_DEFINITIONS.flatMap(({ name, type }) =>
        type === 'histogram' ? ['_bucket', '_sum', '_count'].map((suffix) => name + suffix) : [name],
      ),
    ]);
    const rules = GROUPS.flatMap(({ recordings, alerts }) => [...recordings, ...alerts]);
    for (const { expr } of rules) {
      parser.parse(expr).iterate({
        enter: ({ name, from, to, node }) => {
          if (name === 'Identifier' && node.parent?.name === 'VectorSelector')
            assert.ok(known.has(expr.slice(from, to)), `${expr.slice(from, to)} in ${expr}`);
        },
      });
    }
  });

  it('have objectives as settings of the generator, which are checked', () => {
    const file = rulesFile(settingsFrom(['--availability-objective', '0.99', '--latency-seconds', '1']));
    assert.match(file, /asdlc:http_requests_failed:ratio_rate5m > 0\.144 and/);
    assert.match(file, /le="1"/);
    const expected = /availabilityObjective: expected a share between 0 and 1; got 99/;
    assert.throws(() => rulesFile({ ...USUAL_SETTINGS, availabilityObjective: 99 }), expected);
    assert.throws(
      () => rulesFile({ ...USUAL_SETTINGS, latencySeconds: 3 }),
      /expected one of 0\.005, .*; got 3/,
    );
    assert.throws(() => settingsFrom(['--memory-bytes', 'much']), /expected a number above 0; got "much"/);
    assert.throws(() => settingsFrom(['--dashboard-url', 'asdlc']), /expected http.*; got "asdlc"/);
  });

  it('have all times multiplied by a time scale', () => {
    const file = rulesFile({ ...USUAL_SETTINGS, timeScale: 0.1 });
    assert.match(file, /offset 6s/);
    assert.match(file, /\[180s:6s\]/);
    assert.match(file, /for: 12s/);
    assert.doesNotMatch(file, /\[\d+m/);
  });
});

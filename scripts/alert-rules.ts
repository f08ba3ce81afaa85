import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { stringify } from 'yaml';
import {
  type Alert,
  type AlertSettings,
  type RuleGroup,
  USUAL_SETTINGS,
} from '../src/infrastructure/telemetry/alerts/alert.ts';
import { ruleGroups } from '../src/infrastructure/telemetry/alerts.ts';

/*
 * Writes the rules for Prometheus and vmalert. `npx node scripts/alert-rules.ts` writes deploy/alerts/asdlc.rules.yml, and the
 * same rules as a resource for the operators of Kubernetes; a test fails when one of the files is stale. With settings it
 * prints rules of your own, with --kubernetes as that resource:
 *
 *   npx node scripts/alert-rules.ts --availability-objective 0.99 --dashboard-url https://asdlc.example > asdlc.rules.yml
 */

const OPTIONS = {
  'availability-objective': 'availabilityObjective',
  'latency-objective': 'latencyObjective',
  'latency-seconds': 'latencySeconds',
  'memory-bytes': 'memoryBytes',
  'dashboard-url': 'dashboardUrl',
  'time-scale': 'timeScale',
} as const satisfies Record<string, keyof AlertSettings>;

const DEFAULT_FILE = new URL('../deploy/alerts/asdlc.rules.yml', import.meta.url);
const KUBERNETES_FILE = new URL(
  '../deploy/kubernetes/components/monitoring/prometheus-rule.yaml',
  import.meta.url,
);

/** How often rules are evaluated. The shortest alert waits for a minute. */
const EVALUATION_SECONDS = 30;

/** The text of the rules file. */
export function rulesFile(settings: AlertSettings = USUAL_SETTINGS): string {
  return withHeader({ groups: groupsOf(settings) });
}

/** The text of the same rules as a PrometheusRule, which operators in Kubernetes load. */
export function prometheusRuleFile(settings: AlertSettings = USUAL_SETTINGS): string {
  return withHeader({
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'asdlc' },
    spec: { groups: groupsOf(settings) },
  });
}

function withHeader(content: object): string {
  return `# scripts/alert-rules.ts writes this file; do not edit it. docs/monitoring.md says how to load it, with which settings.
${stringify(content, { lineWidth: 0 })}`;
}

function groupsOf(settings: AlertSettings) {
  return ruleGroups(settings).map((group) => groupOf(group, settings));
}

function groupOf({ name, recordings, alerts }: RuleGroup, settings: AlertSettings) {
  const records = recordings.map(({ record, expr }) => ({ record, expr: scaled(expr, settings.timeScale) }));
  const interval = `${Math.ceil(EVALUATION_SECONDS * settings.timeScale)}s`;
  return { name, interval, rules: [...records, ...alerts.map((alert) => ruleOf(alert, settings))] };
}

function ruleOf(alert: Alert, { dashboardUrl, timeScale }: AlertSettings) {
  const base = dashboardUrl.replace(/\/+$/, '');
  return {
    alert: alert.name,
    expr: scaled(alert.expr, timeScale),
    ...(alert.forSeconds > 0 && { for: `${Math.ceil(alert.forSeconds * timeScale)}s` }),
    labels: { severity: alert.severity, system: 'asdlc' },
    annotations: {
      summary: alert.summary,
      description: alert.description,
      dashboard_url: base + alert.dashboard,
      runbook_url: `${base}/runbooks/${alert.name}`,
    },
  };
}

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** Multiplies ranges and offsets of an expression. */
function scaled(expr: string, timeScale: number): string {
  if (timeScale === 1) return expr;
  return expr.replaceAll(/(?<=[[:]|offset )(\d+)([smh])\b/g, (_, count: string, unit: string) => {
    return `${Math.ceil(Number(count) * (UNIT_SECONDS[unit] ?? 1) * timeScale)}s`;
  });
}

/** Returns the settings that command-line arguments ask for. Throws for one that makes no sense. */
export function settingsFrom(args: readonly string[]): AlertSettings {
  const options = Object.fromEntries(Object.keys(OPTIONS).map((name) => [name, { type: 'string' as const }]));
  const { values } = parseArgs({ args: [...args], options });
  const settings: Record<string, string | number> = { ...USUAL_SETTINGS };
  for (const [option, name] of Object.entries(OPTIONS)) {
    const given = values[option];
    if (typeof given === 'string') settings[name] = settingValue(option, given);
  }
  return settings as unknown as AlertSettings; // OPTIONS names its keys, and valueOf returns their types
}

function settingValue(option: string, given: string): string | number {
  if (option === 'dashboard-url') {
    if (/^https?:/.test(given) && URL.canParse(given)) return given;
    throw new Error(`--dashboard-url: expected http(s)://host[:port][/path]; got ${JSON.stringify(given)}`);
  }
  const number = Number(given);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new Error(`--${option}: expected a number above 0; got ${JSON.stringify(given)}`);
}

if (import.meta.main) {
  const args = process.argv.slice(2);
  const settings = args.filter((argument) => argument !== '--kubernetes');
  if (args.length === 0) {
    writeFileSync(DEFAULT_FILE, rulesFile());
    writeFileSync(KUBERNETES_FILE, prometheusRuleFile());
  } else {
    const write = settings.length < args.length ? prometheusRuleFile : rulesFile;
    process.stdout.write(write(settingsFrom(settings)));
  }
}

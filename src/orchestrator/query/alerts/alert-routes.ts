import { Type } from 'typebox';
import { QueryError } from '../../../shared/errors.ts';
import type { HttpServer } from '../../../shared/service/http-server.ts';
import { formOf } from '../query-request.ts';
import { ASKING, errors, passedOn } from '../response-schemas.ts';
import type { Alert, AlertsSource, Group, Rule } from './alerts-source.ts';

export interface AlertRoutesOptions {
  readonly alerts: AlertsSource;
}

/** As Prometheus's parameter `type` calls them, and as its rules do. */
const RULE_TYPES: Readonly<Record<string, string>> = { alert: 'alerting', record: 'recording' };

type Labels = Readonly<Record<string, string>>;

/**
 * Rules and alerts as Prometheus's API has them. A caller with enforced labels gets the alerts that carry these labels.
 */
export async function alertRoutes(app: HttpServer, { alerts: source }: AlertRoutesOptions): Promise<void> {
  app.get(
    '/rules',
    {
      config: { endpoint: 'rules' },
      schema: {
        tags: ['metrics'],
        summary: 'List the rules of ALERTS_URL; none if it is unset or an Alertmanager',
        querystring: Type.Object({
          type: Type.Optional(
            Type.Enum(['alert', 'record'], { description: 'only rules of this type', examples: ['alert'] }),
          ),
        }),
        response: { 200: passedOn('the groups of rules', { groups: [] }), ...errors(...ASKING) },
      },
    },
    async (request, reply) => {
      const type = readType(formOf(request).get('type'));
      const groups = await source.groups();
      reply.header('cache-control', 'no-store');
      const shown = groups.map((group) => visibleRules(group, type, request.caller?.labels));
      return { status: 'success', data: { groups: shown } };
    },
  );
  app.get(
    '/alerts',
    {
      config: { endpoint: 'alerts' },
      schema: {
        tags: ['metrics'],
        summary: 'List the alerts of ALERTS_URL that fire or are pending; none if it is unset',
        response: { 200: passedOn('the alerts', { alerts: [] }), ...errors(...ASKING) },
      },
    },
    async (request, reply) => {
      const alerts = await source.alerts();
      reply.header('cache-control', 'no-store');
      return { status: 'success', data: { alerts: visibleAlerts(alerts, request.caller?.labels) } };
    },
  );
}

/** Throws bad_data for another type than Prometheus has. */
function readType(given: string | null): string | undefined {
  if (given === null || given === '') return undefined;
  const type = Object.hasOwn(RULE_TYPES, given) ? RULE_TYPES[given] : undefined;
  if (type !== undefined) return type;
  throw new QueryError(
    'bad_data',
    `type: expected alert or record; got ${JSON.stringify(given.slice(0, 100))}`,
  );
}

function visibleAlerts(alerts: readonly Alert[], enforced: Labels = {}): readonly Alert[] {
  const wanted = Object.entries(enforced);
  return alerts.filter(({ labels }) => wanted.every(([name, value]) => labels[name] === value));
}

function visibleRules(group: Group, type: string | undefined, enforced: Labels = {}): Group {
  const rules = group.rules.filter((rule) => type === undefined || rule.type === type);
  if (Object.keys(enforced).length === 0) return { ...group, rules };
  return { ...group, rules: rules.map((rule) => visibleRule(rule, enforced)) };
}

/** The state of a rule is that of its alerts: it must not tell of those that the caller may not see. */
function visibleRule(rule: Rule, enforced: Labels): Rule {
  if (rule.alerts === undefined) return rule;
  const alerts = visibleAlerts(rule.alerts, enforced);
  const state = ['firing', 'pending'].find((one) => alerts.some((alert) => alert.state === one));
  return { ...rule, alerts, state: state ?? 'inactive' };
}

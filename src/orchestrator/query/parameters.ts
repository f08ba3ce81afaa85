import { QueryError } from '../../shared/errors.ts';
import { passLimit, passTime, passTimes, readService, required, single } from './parameter-values.ts';
import { checkEvaluationPoints, type Evaluation } from './promql/evaluation-points.ts';
import { checkMetricsql, checkPromql, checkQuerySize, checkSelector, parsePromql } from './promql.ts';
import { looksAhead, normalizeQuery, restrictSelectors } from './promql-rewriting.ts';
import { checkRange, parseDuration, parseTime } from './time-parameters.ts';

/** With `metricsql`, VictoriaMetrics parses the queries and the orchestrator does not. */
export type Dialect = 'promql' | 'metricsql';

/** What the TSDB is asked: only parameters that are listed here and were checked, in one order and form. */
export interface CheckedParameters {
  readonly parameters: URLSearchParams;
  readonly timeoutMs?: number;
  /** What the query was restricted to. */
  readonly restrictions: Restrictions;
  /** The last time in the result, in seconds, if nothing later changes the result. It settles when this time does. */
  readonly settlesAt?: number;
}

/** Labels that every series must have: those of the caller's token, then the `service` that the request names. */
export type Restrictions = readonly (readonly [label: string, value: string])[];

/** Checks the parameters of one endpoint. `labels` are those that the caller is restricted to. Throws bad_data. */
export type ReadParameters = (
  form: URLSearchParams,
  dialect: Dialect,
  labels?: Readonly<Record<string, string>>,
) => CheckedParameters;

const MAX_SELECTORS = 64;
const LABEL = 'service';

/** An instant query: TSDBs take this step where one is wanted. */
const INSTANT: Evaluation = { range: 0, step: 300 };

/** `query`, `time`, `timeout`, `limit`. */
export const readInstant: ReadParameters = (form, dialect, labels) => {
  const restrictions = restrictionsOf(form, labels);
  const parameters = new URLSearchParams({
    query: readQuery(required(form, 'query'), dialect, restrictions, INSTANT),
  });
  passTime(form, parameters, 'time');
  passLimit(form, parameters, 'limit');
  return finish(form, parameters, restrictions);
};

/** `query`, `start`, `end`, `step`, `timeout`, `limit`. */
export const readRange: ReadParameters = (form, dialect, labels) => {
  const restrictions = restrictionsOf(form, labels);
  const given = required(form, 'query');
  const start = parseTime('start', required(form, 'start'));
  const end = parseTime('end', required(form, 'end'));
  const step = parseDuration('step', required(form, 'step'));
  checkRange(start, end, step);
  const query = readQuery(given, dialect, restrictions, { range: end - start, step });
  const parameters = new URLSearchParams({ query, start: `${start}`, end: `${end}`, step: `${step}` });
  passLimit(form, parameters, 'limit');
  // Each viewer has other unaligned ranges: nobody would ask for one of them a second time.
  const aligned = isMultiple(start, step) && isMultiple(end, step);
  const settles = aligned && dialect === 'promql' && !looksAhead(query);
  return { ...finish(form, parameters, restrictions), ...(settles && { settlesAt: end }) };
};

function isMultiple(seconds: number, step: number): boolean {
  return Math.round(seconds * 1000) % Math.round(step * 1000) === 0;
}

/** `match[]` at least once, `start`, `end`, `limit`. */
export const readSeries: ReadParameters = (form, dialect, labels) => {
  if (form.has('match[]')) return readSelectors(form, dialect, labels);
  throw new QueryError('bad_data', 'match[]: expected a series selector such as up{job="a"}; got none');
};

/** As `readSeries`, but no `match[]` means all series. */
export const readSelectors: ReadParameters = (form, dialect, labels) => {
  const restrictions = restrictionsOf(form, labels);
  const parameters = new URLSearchParams();
  const selectors = new Set(form.getAll('match[]'));
  if (selectors.size > MAX_SELECTORS) {
    throw new QueryError('bad_data', `match[]: expected at most ${MAX_SELECTORS}; got ${selectors.size}`);
  }
  for (const selector of [...selectors].sort()) {
    if (dialect === 'promql') checkSelector(selector, 'match[]');
    else checkMetricsql(selector, 'match[]', INSTANT);
    parameters.append('match[]', restrict(selector, dialect, restrictions));
  }
  if (selectors.size === 0 && restrictions.length > 0) {
    parameters.append('match[]', restrict('{}', 'promql', restrictions));
  }
  passTimes(form, parameters);
  passLimit(form, parameters, 'limit');
  return finish(form, parameters, restrictions);
};

/** `metric`, `limit`, `limit_per_metric`. Metadata has no labels: the result must be cut down by `restrictions`. */
export const readMetadata: ReadParameters = (form, _, labels) => {
  const restrictions = restrictionsOf(form, labels);
  const parameters = new URLSearchParams();
  const metric = single(form, 'metric');
  if (metric !== undefined && metric !== '') {
    checkQuerySize(metric, 'metric');
    parameters.set('metric', metric);
  }
  passLimit(form, parameters, 'limit');
  passLimit(form, parameters, 'limit_per_metric');
  return { parameters, restrictions };
};

/** `query`, `start`, `end`. */
export const readExemplars: ReadParameters = (form, dialect, labels) => {
  const restrictions = restrictionsOf(form, labels);
  const parameters = new URLSearchParams({
    query: readQuery(required(form, 'query'), dialect, restrictions, INSTANT),
  });
  passTimes(form, parameters);
  return finish(form, parameters, restrictions);
};

function restrictionsOf(form: URLSearchParams, labels: Readonly<Record<string, string>> = {}): Restrictions {
  const service = readService(form);
  return [...Object.entries(labels), ...(service === undefined ? [] : [[LABEL, service] as const])];
}

/** Returns the checked query, restricted. */
function readQuery(
  query: string,
  dialect: Dialect,
  restrictions: Restrictions,
  evaluation: Evaluation,
): string {
  if (dialect === 'promql') {
    checkPromql(query);
    checkEvaluationPoints(parsePromql(query).topNode, evaluation, { query });
  } else checkMetricsql(query, 'query', evaluation);
  return restrict(query, dialect, restrictions);
}

/** A MetricsQL query stays as it is: VictoriaMetrics alone restricts it, by `extra_label`. */
export function restrict(query: string, dialect: Dialect, restrictions: Restrictions): string {
  if (dialect === 'metricsql') return query;
  // Prometheus ends a comment at a carriage return, and would read what was a comment when the query was checked.
  const checked = restrictions.length === 0 && query.includes('\r') ? normalizeQuery(query) : query;
  return restrictions.reduce((text, [label, value]) => restrictSelectors(text, label, value), checked);
}

/**
 * Adds the time limit, and the restrictions a second time as VictoriaMetrics's own filters. Prometheus ignores these,
 * and they are the only ones for a MetricsQL query.
 */
function finish(
  form: URLSearchParams,
  parameters: URLSearchParams,
  restrictions: Restrictions,
): CheckedParameters {
  const timeout = single(form, 'timeout') || undefined;
  for (const [label, value] of restrictions) parameters.append('extra_label', `${label}=${value}`);
  return {
    parameters,
    restrictions,
    ...(timeout !== undefined && { timeoutMs: parseDuration('timeout', timeout) * 1000 }),
  };
}

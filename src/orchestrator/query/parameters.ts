import { QueryError } from '../../shared/errors.ts';
import { passLimit, passTime, passTimes, readService, required, single } from './parameter-values.ts';
import { checkEvaluationPoints, type Evaluation } from './promql/evaluation-points.ts';
import { checkPromql, checkQuerySize, checkSelector, parsePromql } from './promql.ts';
import { looksAhead, restrictSelectors } from './promql-rewriting.ts';
import { checkRange, parseDuration, parseTime } from './time-parameters.ts';

/** With `metricsql`, VictoriaMetrics parses the queries and the orchestrator does not. */
export type Dialect = 'promql' | 'metricsql';

/** What the TSDB is asked: only parameters that are listed here and were checked, in one order and form. */
export interface CheckedParameters {
  readonly parameters: URLSearchParams;
  readonly timeoutMs?: number;
  readonly service?: string;
  /** The last time in the result, in seconds, if nothing later changes the result. It settles when this time does. */
  readonly settlesAt?: number;
}

/** Checks the parameters of one endpoint. Throws bad_data. */
export type ReadParameters = (form: URLSearchParams, dialect: Dialect) => CheckedParameters;

const MAX_SELECTORS = 64;
const LABEL = 'service';

/** An instant query: TSDBs take this step where one is wanted. */
const INSTANT: Evaluation = { range: 0, step: 300 };

/** `query`, `time`, `timeout`, `limit`. */
export const readInstant: ReadParameters = (form, dialect) => {
  const service = readService(form);
  const parameters = new URLSearchParams({
    query: readQuery(required(form, 'query'), dialect, service, INSTANT),
  });
  passTime(form, parameters, 'time');
  passLimit(form, parameters, 'limit');
  return finish(form, parameters, service);
};

/** `query`, `start`, `end`, `step`, `timeout`, `limit`. */
export const readRange: ReadParameters = (form, dialect) => {
  const service = readService(form);
  const given = required(form, 'query');
  const start = parseTime('start', required(form, 'start'));
  const end = parseTime('end', required(form, 'end'));
  const step = parseDuration('step', required(form, 'step'));
  checkRange(start, end, step);
  const query = readQuery(given, dialect, service, { range: end - start, step });
  const parameters = new URLSearchParams({ query, start: `${start}`, end: `${end}`, step: `${step}` });
  passLimit(form, parameters, 'limit');
  // Each viewer has other unaligned ranges: nobody would ask for one of them a second time.
  const aligned = isMultiple(start, step) && isMultiple(end, step);
  const settles = aligned && dialect === 'promql' && !looksAhead(query);
  return { ...finish(form, parameters, service), ...(settles && { settlesAt: end }) };
};

function isMultiple(seconds: number, step: number): boolean {
  return Math.round(seconds * 1000) % Math.round(step * 1000) === 0;
}

/** `match[]` at least once, `start`, `end`, `limit`. */
export const readSeries: ReadParameters = (form, dialect) => {
  if (form.has('match[]')) return readSelectors(form, dialect);
  throw new QueryError('bad_data', 'match[]: expected a series selector such as up{job="a"}; got none');
};

/** As `readSeries`, but no `match[]` means all series. */
export const readSelectors: ReadParameters = (form, dialect) => {
  const service = readService(form);
  const parameters = new URLSearchParams();
  const selectors = new Set(form.getAll('match[]'));
  if (selectors.size > MAX_SELECTORS) {
    throw new QueryError('bad_data', `match[]: expected at most ${MAX_SELECTORS}; got ${selectors.size}`);
  }
  for (const selector of [...selectors].sort()) {
    if (dialect === 'promql') checkSelector(selector, 'match[]');
    else checkQuerySize(selector, 'match[]');
    parameters.append('match[]', restrict(selector, dialect, service));
  }
  if (selectors.size === 0 && service !== undefined) {
    parameters.append('match[]', restrictSelectors('{}', LABEL, service));
  }
  passTimes(form, parameters);
  passLimit(form, parameters, 'limit');
  return finish(form, parameters, service);
};

/** `metric`, `limit`, `limit_per_metric`. Metadata has no labels: the caller must restrict the result to `service`. */
export const readMetadata: ReadParameters = (form) => {
  const service = readService(form);
  const parameters = new URLSearchParams();
  const metric = single(form, 'metric');
  if (metric !== undefined && metric !== '') {
    checkQuerySize(metric, 'metric');
    parameters.set('metric', metric);
  }
  passLimit(form, parameters, 'limit');
  passLimit(form, parameters, 'limit_per_metric');
  return { parameters, ...(service !== undefined && { service }) };
};

/** `query`, `start`, `end`. */
export const readExemplars: ReadParameters = (form, dialect) => {
  const service = readService(form);
  const parameters = new URLSearchParams({
    query: readQuery(required(form, 'query'), dialect, service, INSTANT),
  });
  passTimes(form, parameters);
  return finish(form, parameters, service);
};

/** Returns the checked query, restricted to the service if one is given. */
function readQuery(
  query: string,
  dialect: Dialect,
  service: string | undefined,
  evaluation: Evaluation,
): string {
  if (dialect === 'promql') {
    checkPromql(query);
    checkEvaluationPoints(parsePromql(query).topNode, evaluation, { query });
  } else checkQuerySize(query);
  return restrict(query, dialect, service);
}

function restrict(query: string, dialect: Dialect, service: string | undefined): string {
  return service === undefined || dialect === 'metricsql' ? query : restrictSelectors(query, LABEL, service);
}

/**
 * Adds the time limit, and the service a second time as VictoriaMetrics's own filter. Prometheus ignores that filter,
 * and it is the only one for a MetricsQL query.
 */
function finish(
  form: URLSearchParams,
  parameters: URLSearchParams,
  service: string | undefined,
): CheckedParameters {
  const timeout = single(form, 'timeout') || undefined;
  if (service !== undefined) parameters.set('extra_label', `${LABEL}=${service}`);
  return {
    parameters,
    ...(service !== undefined && { service }),
    ...(timeout !== undefined && { timeoutMs: parseDuration('timeout', timeout) * 1000 }),
  };
}

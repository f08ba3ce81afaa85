import { QueryError } from '../../shared/errors.ts';
import { checkEvaluationPoints, type Evaluation } from './promql/evaluation-points.ts';
import {
  checkPromql,
  checkQuerySize,
  checkSelector,
  looksAhead,
  normalizeQuery,
  parsePromql,
  restrictSelectors,
} from './promql.ts';
import { checkRange, parseDuration, parseTime } from './time-parameters.ts';

/** metricsql leaves the parsing of queries to VictoriaMetrics. */
export type Dialect = 'promql' | 'metricsql';

/** What the upstream is asked: only what was listed here and checked, in one order and form. */
export interface CheckedParameters {
  readonly parameters: URLSearchParams;
  readonly timeoutMs?: number;
  readonly service?: string;
  /** The last time the answer shows, in seconds, if it depends on nothing later: when that is settled, so is it. */
  readonly settlesAt?: number;
}

export type ReadParameters = (form: URLSearchParams, dialect: Dialect) => CheckedParameters;

/** VictoriaMetrics holds back what is newer (its `-search.latencyOffset`, as usual). */
const LATENCY_OFFSET_SECONDS = 30;

/** Seconds after which a time gets no more samples: the one who scrapes has done it, and the TSDB shows it. */
export function settleSeconds(scrapeIntervalSeconds: number): number {
  return LATENCY_OFFSET_SECONDS + 2 * scrapeIntervalSeconds;
}

const MAX_SELECTORS = 64;
const MAX_SELECTORS_BYTES = 32 * 1024;
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
  // Unaligned ranges are as many as there are viewers: none would be asked a second time.
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

/** As `readSeries`, but without `match[]` all series are meant. */
export const readSelectors: ReadParameters = (form, dialect) => {
  const service = readService(form);
  const parameters = new URLSearchParams();
  const given = form.getAll('match[]');
  checkTotalSize(given);
  const selectors = new Set(given);
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

function checkTotalSize(selectors: readonly string[]): void {
  const size = selectors.reduce((sum, selector) => sum + Buffer.byteLength(selector), 0);
  if (size <= MAX_SELECTORS_BYTES) return;
  throw new QueryError(
    'bad_data',
    `match[]: expected at most ${MAX_SELECTORS_BYTES} bytes of selectors in all; got ${size}`,
  );
}

/** `metric`, `limit`, `limit_per_metric`. Metadata has no labels: the service is for the caller to heed. */
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

/** The checked query, restricted to the service where one is given. */
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
  if (dialect === 'metricsql') return query;
  if (service !== undefined) return restrictSelectors(query, LABEL, service);
  // Prometheus ends a comment at a carriage return, and would read what was a comment when the query was checked.
  return query.includes('\r') ? normalizeQuery(query) : query;
}

/** The name of a service, 1 to 256 characters; undefined where none is given. */
export function readService(form: URLSearchParams): string | undefined {
  const service = single(form, 'service');
  if (service === undefined || (service !== '' && service.length <= 256)) return service;
  throw new QueryError(
    'bad_data',
    `service: expected a name of 1 to 256 characters; got ${service.length} characters`,
  );
}

/** The value of a parameter that may come once. Throws bad_data when it comes more often. */
export function single(form: URLSearchParams, name: string): string | undefined {
  const [value, ...more] = form.getAll(name);
  if (more.length === 0) return value;
  throw new QueryError('bad_data', `${name}: expected once; got ${more.length + 1} times`);
}

export function required(form: URLSearchParams, name: string): string {
  const value = single(form, name);
  if (value !== undefined) return value;
  throw new QueryError('bad_data', `${name}: expected a value; the parameter is missing`);
}

function passTimes(form: URLSearchParams, parameters: URLSearchParams): void {
  const start = passTime(form, parameters, 'start');
  const end = passTime(form, parameters, 'end');
  if (start !== undefined && end !== undefined) checkRange(start, end, Number.POSITIVE_INFINITY);
}

function passTime(form: URLSearchParams, parameters: URLSearchParams, name: string): number | undefined {
  const text = single(form, name);
  if (text === undefined || text === '') return undefined;
  const seconds = parseTime(name, text);
  parameters.set(name, `${seconds}`);
  return seconds;
}

function passLimit(form: URLSearchParams, parameters: URLSearchParams, name: string): void {
  const text = single(form, name);
  if (text === undefined || text === '') return;
  if (!/^-?\d{1,15}$/.test(text)) {
    throw new QueryError('bad_data', `${name}: expected a whole number; got ${JSON.stringify(text)}`);
  }
  parameters.set(name, `${Number(text)}`);
}

/**
 * Adds what every query has: its time limit, and the service as VictoriaMetrics's own filter as well, which
 * Prometheus ignores.
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

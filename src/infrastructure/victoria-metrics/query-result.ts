import { notAResult } from './query-errors.ts';
import { isStream, type QueryResponse } from './query-response.ts';

type Point = readonly [time: number, value: string];

/** One series of a query result: `values` of a range query, `value` of an instant query. */
export interface QuerySample {
  readonly metric: Readonly<Record<string, string>>;
  readonly values?: readonly Point[];
  readonly value?: Point;
}

/** One sample of an instant vector. */
export type VectorSample = QuerySample & { readonly value: Point };

/** The exemplars of one series. */
export interface SeriesExemplars {
  readonly seriesLabels: Readonly<Record<string, string>>;
  readonly exemplars: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly value: string;
    /** Unix seconds. */
    readonly timestamp: number;
  }[];
}

/** What scrapes said about each metric: one entry for each different text. */
export type Metadata = Readonly<Record<string, readonly object[]>>;

/*
 * Nothing is known of the body of a response but that it may be parsed: not even that a TSDB sent it. What is not of the
 * expected shape is `unavailable`.
 */

/** Reads the `data` of an uncompressed response: an object or a list. Throws `unavailable` for anything else. */
export function parseData(body: QueryResponse['body']): object {
  const { status, data } = fieldsOf(parsed(body));
  if (status !== 'success' || typeof data !== 'object' || data === null) throw notAResult();
  return data;
}

/** Returns the series of a query's `data`. A scalar becomes one series without labels. Throws `unavailable`. */
export function samplesOf(data: object): readonly QuerySample[] {
  const { resultType, result } = fieldsOf(data);
  const samples = resultType === 'scalar' ? [{ metric: {}, value: result }] : result;
  if (Array.isArray(samples) && samples.every(isSample)) return samples;
  throw notAResult();
}

/** Returns `data` as a list of names. Throws `unavailable`. */
export function namesOf(data: object): readonly string[] {
  if (Array.isArray(data) && data.every(isText)) return data;
  throw notAResult();
}

/** Returns `data` as metadata. Throws `unavailable`. */
export function metadataOf(data: object): Metadata {
  if (isMetadata(data)) return data;
  throw notAResult();
}

/** Returns `data` as exemplars. Throws `unavailable`. */
export function exemplarsOf(data: object): readonly SeriesExemplars[] {
  if (Array.isArray(data) && data.every(isSeriesExemplars)) return data;
  throw notAResult();
}

export function isVectorSample(sample: QuerySample): sample is VectorSample {
  return sample.value !== undefined;
}

function parsed(body: QueryResponse['body']): unknown {
  if (isStream(body)) throw notAResult(); // a body that is parsed is buffered
  try {
    return JSON.parse(Buffer.concat(body).toString());
  } catch (cause) {
    throw notAResult(cause);
  }
}

/** Returns the fields of an object, and none of anything else. */
function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {};
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isSample(given: unknown): given is QuerySample {
  const { metric, value, values } = fieldsOf(given);
  return (
    isLabels(metric) &&
    (value === undefined || isPoint(value)) &&
    (values === undefined || (Array.isArray(values) && values.every(isPoint)))
  );
}

function isLabels(given: unknown): boolean {
  return isObject(given) && Object.values(given).every(isText);
}

function isSeriesExemplars(given: unknown): given is SeriesExemplars {
  const { seriesLabels, exemplars } = fieldsOf(given);
  return isLabels(seriesLabels) && Array.isArray(exemplars) && exemplars.every(isExemplar);
}

function isExemplar(given: unknown): boolean {
  const { labels, value, timestamp } = fieldsOf(given);
  return isLabels(labels) && isPoint([timestamp, value]);
}

/** JSON.parse makes Infinity of 1e999. An empty text would become the number 0. */
function isPoint(given: unknown): given is Point {
  if (!Array.isArray(given) || given.length !== 2) return false;
  const [time, value]: readonly unknown[] = given;
  return Number.isFinite(time) && isText(value) && value.trim() !== '';
}

function isMetadata(data: object): data is Metadata {
  return isObject(data) && Object.values(data).every((each) => Array.isArray(each) && each.every(isObject));
}

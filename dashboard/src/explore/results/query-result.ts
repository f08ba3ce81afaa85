/** Responses of Prometheus's query API, in the form that the page shows. */

export type Labels = Readonly<Record<string, string>>;

/** The request of a result: the page may show a result while it waits for another one. */
interface ForRequest {
  readonly query: string;
  /** Identifies the request; see queryKey. */
  readonly key: string;
  /** From sending the request to having read the response. */
  readonly tookSeconds: number;
}

export interface RangeResult extends ForRequest {
  readonly kind: 'range';
  readonly step: number;
  /** Unix seconds of all points, those without a value included. */
  readonly times: readonly number[];
  readonly series: readonly RangeSeries[];
}

export interface RangeSeries {
  readonly labels: Labels;
  /** By Unix second, without NaN and infinities: a chart cannot draw them. */
  readonly values: ReadonlyMap<number, number>;
}

export interface InstantResult extends ForRequest {
  readonly kind: 'instant';
  /** Unix seconds. */
  readonly time: number;
  readonly samples: readonly Sample[];
}

export interface Sample {
  readonly labels: Labels;
  readonly time: number;
  /** As the server wrote it. */
  readonly value: string;
}

export type QueryResult = RangeResult | InstantResult;
export type ResultKind = QueryResult['kind'];

type Point = readonly [time: number, value: string];

/** `data` of /query and /query_range. */
export type QueryData =
  | { readonly resultType: 'scalar' | 'string'; readonly result: Point }
  | { readonly resultType: 'vector'; readonly result: readonly { metric: Labels; value: Point }[] }
  | {
      readonly resultType: 'matrix';
      readonly result: readonly { metric: Labels; values: readonly Point[] }[];
    };

/** The samples of an instant query of any type. A matrix has several samples of a series. */
export function samplesOf(data: QueryData): Sample[] {
  switch (data.resultType) {
    case 'scalar':
    case 'string':
      return [sampleOf({}, data.result)];
    case 'vector':
      return data.result.map(({ metric, value }) => sampleOf(metric, value));
    case 'matrix':
      return data.result.flatMap(({ metric, values }) => values.map((point) => sampleOf(metric, point)));
  }
}

/** The series of a range query. */
export function seriesOf(data: QueryData): RangeSeries[] {
  if (data.resultType !== 'matrix') return [];
  return data.result.map(({ metric, values }) => ({
    labels: metric,
    values: new Map(
      values
        .map(([time, text]) => [time, Number(text)] as const)
        .filter(([, value]) => Number.isFinite(value)),
    ),
  }));
}

/** How many series a chart has, or how many samples a table. */
export function countOf(result: QueryResult): number {
  return result.kind === 'range' ? result.series.length : result.samples.length;
}

function sampleOf(labels: Labels, [time, value]: Point): Sample {
  return { labels, time, value };
}

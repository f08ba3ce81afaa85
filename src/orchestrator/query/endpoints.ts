import type { TSchema } from 'typebox';
import { QueryError } from '../../shared/errors.ts';
import {
  ExemplarParameters,
  InstantParameters,
  MetadataParameters,
  RangeParameters,
  SelectorParameters,
  SeriesParameters,
} from './parameter-schemas.ts';
import {
  type ReadParameters,
  readExemplars,
  readInstant,
  readMetadata,
  readRange,
  readSelectors,
  readSeries,
} from './parameters.ts';
import { passedOn } from './response-schemas.ts';

/** A route that sends one request to the TSDB and passes its response on. */
export interface QueryEndpoint {
  /** Its name in metrics and logs. */
  readonly name: string;
  readonly url: string;
  readonly methods: readonly ('GET' | 'POST')[];
  readonly read: ReadParameters;
  readonly upstreamPath: (label: string) => string;
  readonly summary: string;
  readonly parameters: TSchema;
  readonly answer: TSchema;
}

const at = (path: string) => () => `/api/v1/${path}`;
const SERIES = { __name__: 'asdlc_active_workers', service: 'asdlc-workers', instance: '127.0.0.1:8081' };

/** All that the orchestrator asks the TSDB for. Each has a route under both prefixes. */
export const QUERY_ENDPOINTS: readonly QueryEndpoint[] = [
  {
    name: 'query',
    url: '/query',
    methods: ['GET', 'POST'],
    read: readInstant,
    upstreamPath: at('query'),
    summary: 'Run an instant query',
    parameters: InstantParameters,
    answer: passedOn('the value of the expression at one time', {
      resultType: 'vector',
      result: [{ metric: SERIES, value: [1767229200, '3'] }],
    }),
  },
  {
    name: 'query_range',
    url: '/query_range',
    methods: ['GET', 'POST'],
    read: readRange,
    upstreamPath: at('query_range'),
    summary: 'Run a range query',
    parameters: RangeParameters,
    answer: passedOn('the values of the expression over a range of time', {
      resultType: 'matrix',
      result: [
        {
          metric: { service: 'asdlc-workers' },
          values: [
            [1767229185, '2'],
            [1767229200, '3'],
          ],
        },
      ],
    }),
  },
  {
    name: 'series',
    url: '/series',
    methods: ['GET', 'POST'],
    read: readSeries,
    upstreamPath: at('series'),
    summary: 'List the label sets of the series that match a selector',
    parameters: SeriesParameters,
    answer: passedOn('label sets', [SERIES]),
  },
  {
    name: 'labels',
    url: '/labels',
    methods: ['GET', 'POST'],
    read: readSelectors,
    upstreamPath: at('labels'),
    summary: 'List the names of labels',
    parameters: SelectorParameters,
    answer: passedOn('names', ['__name__', 'instance', 'service']),
  },
  {
    name: 'label_values',
    url: '/label/:name/values',
    methods: ['GET'],
    read: readSelectors,
    upstreamPath: (label) => `/api/v1/label/${checkLabel(label)}/values`,
    summary: 'List the values of a label',
    parameters: SelectorParameters,
    answer: passedOn('values', ['asdlc-orchestrator', 'asdlc-workers']),
  },
  {
    name: 'metadata',
    url: '/metadata',
    methods: ['GET'],
    read: readMetadata,
    upstreamPath: at('metadata'),
    summary: 'List type, help and unit of metrics, if the TSDB keeps them',
    parameters: MetadataParameters,
    answer: passedOn('metadata by metric', {
      asdlc_http_requests_total: [{ type: 'counter', help: 'HTTP requests answered.', unit: '' }],
    }),
  },
  {
    name: 'query_exemplars',
    url: '/query_exemplars',
    methods: ['GET', 'POST'],
    read: readExemplars,
    upstreamPath: at('query_exemplars'),
    summary: 'List the exemplars of the series in a query, if the TSDB keeps them',
    parameters: ExemplarParameters,
    answer: passedOn('exemplars by series', []),
  },
];

/** The router refuses longer ones. */
const MAX_LABEL_LENGTH = 200;

/**
 * The label's name for the path of a request. VictoriaMetrics and Prometheus 3 take any name (Prometheus 3 reads
 * `U__http_2e_status` as `http.status`), Prometheus 2 takes a few: what the TSDB says of it is the answer. No name may
 * lead to another path.
 */
function checkLabel(label: string): string {
  const isName =
    label.isWellFormed() && !/[/\\\p{Cc}]|^\.{0,2}$/u.test(label) && label.length <= MAX_LABEL_LENGTH;
  if (isName) return encodeURIComponent(label);
  throw new QueryError(
    'bad_data',
    `name: expected the name of a label, as service; got ${JSON.stringify(label.slice(0, 100))}`,
  );
}

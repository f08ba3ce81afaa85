import { type TSchema, Type } from 'typebox';

/*
 * What the TSDB's results look like, for the OpenAPI document only: the orchestrator passes them on unread. By the name of
 * the endpoint.
 */

const named = <T extends TSchema>(title: string, schema: T): T => ({ ...schema, title });
const Labels = named('Labels', Type.Record(Type.String(), Type.String()));
const Point = named(
  'Point',
  // TypeBox writes tuples in the form of an older JSON Schema.
  Type.Unsafe<[number, string]>({
    type: 'array',
    prefixItems: [Type.Number(), Type.String()],
    minItems: 2,
    maxItems: 2,
    description: 'Unix seconds, and the value as text: it may be NaN, +Inf or -Inf',
  }),
);

const VectorSample = named('VectorSample', Type.Object({ metric: Labels, value: Point }));
const MatrixSeries = named('MatrixSeries', Type.Object({ metric: Labels, values: Type.Array(Point) }));
const result = (resultType: string, schema: TSchema) =>
  Type.Object({ resultType: Type.Literal(resultType), result: schema });
const Vector = named('Vector', result('vector', Type.Array(VectorSample)));
const Matrix = named('Matrix', result('matrix', Type.Array(MatrixSeries)));
const Scalar = named('Scalar', result('scalar', Point));
const Text = named('Text', result('string', Point));

const Metadata = named(
  'MetricMetadata',
  Type.Object({ type: Type.String(), help: Type.String(), unit: Type.Optional(Type.String()) }),
);
const Exemplar = named(
  'Exemplar',
  Type.Object({ labels: Labels, value: Type.String(), timestamp: Type.Number() }),
);
const SeriesExemplars = named(
  'SeriesExemplars',
  Type.Object({ seriesLabels: Labels, exemplars: Type.Array(Exemplar) }),
);

const answer = (title: string, data: TSchema) =>
  named(title, Type.Object({ status: Type.Literal('success'), data }));
const Names = answer('NameList', Type.Array(Type.String()));

export const RESULT_SCHEMAS: Readonly<Record<string, TSchema>> = {
  query: answer('QueryResult', Type.Union([Vector, Matrix, Scalar, Text])),
  query_range: answer('RangeQueryResult', Matrix),
  series: answer('SeriesList', Type.Array(Labels)),
  labels: Names,
  label_values: Names,
  metadata: answer('MetadataResult', Type.Record(Type.String(), Type.Array(Metadata))),
  query_exemplars: answer('ExemplarResult', Type.Array(SeriesExemplars)),
  format_query: answer('FormattedQuery', Type.String()),
  parse_query: answer('ParsedQuery', Type.Object({ type: Type.String() })),
  buildinfo: answer(
    'BuildInfo',
    Type.Object({ version: Type.String() }, { additionalProperties: Type.String() }),
  ),
  rules: answer('RuleGroups', Type.Object({ groups: Type.Array(Labels, { maxItems: 0 }) })),
  alerts: answer('Alerts', Type.Object({ alerts: Type.Array(Labels, { maxItems: 0 }) })),
  flags: answer('Flags', Type.Record(Type.String(), Type.String())),
};

import { type Static, Type } from 'typebox';
import { PANEL_SECTIONS } from './panel-faces.ts';

/** Panels as `/api/metrics/panels` and `/api/metrics/panels/:name` return them. */

const PanelUnit = Type.Enum(
  ['requests_per_second', 'events_per_second', 'ratio', 'seconds', 'bytes', 'count', 'cores', 'boolean'],
  { title: 'PanelUnit' },
);
export type PanelUnit = Static<typeof PanelUnit>;

const PanelHeadline = Type.Object(
  {
    kind: Type.Enum(['sum', 'max', 'min', 'series', 'share'], {
      description: 'series: the value of one series; share: that value out of the sum of all',
    }),
    legend: Type.Optional(Type.String({ description: 'the legend of that one series' })),
  },
  {
    title: 'PanelHeadline',
    description: 'how the number that stands for the panel comes from the current values of its series',
  },
);
export type PanelHeadline = Static<typeof PanelHeadline>;

export const Panel = Type.Object(
  {
    name: Type.String({ examples: ['event_wait'] }),
    title: Type.String({ examples: ['Wait time'] }),
    section: Type.Enum([...PANEL_SECTIONS], {
      description: 'the part of the dashboard that shows the panel',
    }),
    description: Type.String(),
    unit: PanelUnit,
    headline: PanelHeadline,
    queries: Type.Array(
      Type.Object(
        {
          legend: Type.String({ description: 'names a series; {{label}} stands for the value of its label' }),
          promql: Type.String(),
        },
        { title: 'PanelQuery' },
      ),
    ),
    histogram: Type.Optional(
      Type.String({
        description: 'the histogram whose exemplars the panel can show',
        examples: ['asdlc_event_wait_seconds'],
      }),
    ),
  },
  { title: 'Panel' },
);

export const PanelList = Type.Object(
  { status: Type.Literal('success'), data: Type.Array(Panel) },
  { title: 'PanelList' },
);

export const PanelSeries = Type.Object(
  {
    legend: Type.String({ examples: ['p99'] }),
    labels: Type.Record(Type.String(), Type.String()),
    values: Type.Array(Type.Union([Type.Number(), Type.Null()]), {
      description: 'one value for each of times; null is a gap',
    }),
    earlier: Type.Optional(
      Type.Array(Type.Union([Type.Number(), Type.Null()]), {
        description: 'with offset: the value so long before each of times',
      }),
    ),
  },
  { title: 'PanelSeries' },
);
export type PanelSeries = Static<typeof PanelSeries>;

export const FoldedSeries = Type.Object(
  {
    series: Type.Integer({ description: 'how many series top left out' }),
    idle: Type.Integer({ description: 'how many of those have no value but 0' }),
  },
  { title: 'FoldedSeries' },
);
export type FoldedSeries = Static<typeof FoldedSeries>;

const Time = Type.Number({ description: 'Unix seconds', examples: [1767229200] });

export const PanelExemplar = Type.Object(
  {
    time: Time,
    value: Type.Number({ description: "the observation, in the panel's unit" }),
    trace_id: Type.String({ examples: ['4bf92f3577b34da6a3ce929d0e0e4736'] }),
    trace_url: Type.Optional(
      Type.String({
        description: 'where the trace is, by TRACE_URL_TEMPLATE',
        examples: ['https://jaeger.example/trace/4bf92f3577b34da6a3ce929d0e0e4736'],
      }),
    ),
    labels: Type.Record(Type.String(), Type.String(), { description: 'of the series, without its bucket' }),
  },
  { title: 'PanelExemplar' },
);
export type PanelExemplar = Static<typeof PanelExemplar>;

export const PanelData = Type.Object(
  {
    ...Panel.properties,
    start: Time,
    end: Time,
    step: Type.Number({ description: 'seconds', examples: [15] }),
    times: Type.Array(Time, {
      description:
        'the times that all series share: from start to end by the step, and the newest time if it is after end',
    }),
    series: Type.Array(PanelSeries, {
      description:
        'the largest first; after top of them one series with the sum of the others, if the headline is a sum',
    }),
    folded: FoldedSeries,
    offset: Type.Optional(
      Type.Number({ description: 'seconds between values and earlier, if offset was given' }),
    ),
    exemplars: Type.Optional(
      Type.Array(PanelExemplar, {
        description:
          'with exemplars, of a panel of a histogram: the slowest of each part of the range, oldest first; none if the TSDB keeps none',
      }),
    ),
  },
  { title: 'PanelData' },
);
export type PanelData = Static<typeof PanelData>;

export const PanelAnswer = Type.Object(
  { status: Type.Literal('success'), data: PanelData },
  { title: 'PanelAnswer' },
);

export const PanelAnswers = Type.Object(
  { status: Type.Literal('success'), data: Type.Array(PanelData) },
  { title: 'PanelAnswers' },
);

import { Type } from 'typebox';
import { PANEL_UNITS, PANELS } from '../../infrastructure/telemetry/panels.ts';
import type { VictoriaMetricsClient } from '../../infrastructure/victoria-metrics/client.ts';
import { inTurn } from '../../infrastructure/victoria-metrics/loop-turns.ts';
import { QueryError } from '../../shared/errors.ts';
import type { HttpServer } from '../../shared/service/http-server.ts';
import { tagAndCompress } from './caching-headers.ts';
import {
  emptyPanel,
  GridSeries,
  rateWindow,
  readGrid,
  type TimeGrid,
  timesOf,
  withWindow,
} from './panel-series.ts';
import { PanelParameters } from './parameter-schemas.ts';
import { type CheckedParameters, readInstant, readRange } from './parameters.ts';
import { callerSignal, formOf } from './query-request.ts';
import { errors } from './response-schemas.ts';

export interface PanelsApiOptions {
  readonly tsdb: VictoriaMetricsClient;
  /** How often the TSDB scrapes, in seconds: no step is shorter, and rates look at four scrapes. */
  readonly scrapeIntervalSeconds: number;
}

const Panel = {
  name: Type.String({ examples: ['event_wait'] }),
  title: Type.String({ examples: ['Wait time'] }),
  description: Type.String(),
  unit: Type.Enum([...PANEL_UNITS]),
  queries: Type.Array(
    Type.Object({
      legend: Type.String({ description: 'names a series; {{label}} stands for the value of its label' }),
      promql: Type.String(),
    }),
  ),
};
const PanelList = Type.Object({ status: Type.Literal('success'), data: Type.Array(Type.Object(Panel)) });
const Time = Type.Number({ description: 'Unix seconds', examples: [1767229200] });
const PanelAnswer = Type.Object({
  status: Type.Literal('success'),
  data: Type.Object({
    ...Panel,
    start: Time,
    end: Time,
    step: Type.Number({ description: 'seconds', examples: [15] }),
    times: Type.Array(Time, {
      description:
        'the points that all series share: start to end by the step, and the newest where it comes later',
    }),
    series: Type.Array(
      Type.Object({
        legend: Type.String({ examples: ['p99'] }),
        labels: Type.Record(Type.String(), Type.String()),
        values: Type.Array(Type.Union([Type.Number(), Type.Null()]), {
          description: 'one for each of times; null is a gap',
        }),
      }),
    ),
  }),
});

const UNCHANGED = Type.Null({ description: 'the answer is still the one of the ETag in If-None-Match' });

/** Panels: one call for what a chart shows. Answers carry an ETag, as they stay the same for a step. */
export async function panelRoutes(app: HttpServer, options: PanelsApiOptions): Promise<void> {
  const { tsdb, scrapeIntervalSeconds } = options;
  app.addHook('onSend', tagAndCompress);
  app.addHook('onRequest', async (_, reply) => void reply.header('cache-control', 'private, no-cache'));

  app.get(
    '/panels',
    {
      config: { endpoint: 'panels' },
      schema: {
        tags: ['metrics'],
        summary: 'The named panels, each with unit, description and PromQL',
        response: { 200: PanelList, 304: UNCHANGED, ...errors() },
      },
    },
    async () => {
      const window = rateWindow(0, scrapeIntervalSeconds);
      return { status: 'success' as const, data: PANELS.map((panel) => withWindow(panel, window)) };
    },
  );

  app.get(
    '/panels/:name',
    {
      config: { endpoint: 'panel' },
      // The schema's serializer takes ten times as long for so many numbers.
      serializerCompiler: () => (answer) => JSON.stringify(answer),
      schema: {
        tags: ['metrics'],
        summary: "A panel's series, on one grid of times that suits the width",
        params: Type.Object({ name: Type.String({ examples: ['request_rate'] }) }),
        querystring: PanelParameters,
        response: { 200: PanelAnswer, 304: UNCHANGED, ...errors(404, 414, 422) },
      },
    },
    async (request, reply) => {
      const form = formOf(request);
      const grid = readGrid(form, scrapeIntervalSeconds, Date.now() / 1000);
      const panel = withWindow(
        panelNamed((request.params as { name: string }).name),
        rateWindow(grid.step, scrapeIntervalSeconds),
      );
      const signal = callerSignal(reply);
      const times = timesOf(grid);
      const room = emptyPanel();
      const series = await Promise.all(
        panel.queries.map(async (query) => {
          const drawn = new GridSeries(query, times, room);
          // Each answer is drawn when it comes: until the last one is there, the panel holds numbers only.
          const draw = async ({ timeoutMs, ...question }: Question) => {
            const options = { signal, ...(timeoutMs && { timeoutMs }) };
            const samples = await tsdb.samples({ endpoint: 'panel', ...question }, options);
            await inTurn(() => drawn.add(samples));
          };
          await Promise.all(questionsOf(form, query.promql, grid).map(draw));
          return drawn.sorted();
        }),
      );
      const { start, end, step } = grid;
      const data = { ...panel, start, end, step, times, series: series.flat() };
      // In a turn of its own: to send many values takes as long as to draw them.
      return inTurn(() => ({ status: 'success' as const, data }));
    },
  );
}

function panelNamed(name: string) {
  const panel = PANELS.find((each) => each.name === name);
  if (panel !== undefined) return panel;
  const known = PANELS.map((each) => each.name).join(', ');
  throw new QueryError(
    'not_found',
    `name: expected one of ${known}; got ${JSON.stringify(name.slice(0, 100))}`,
  );
}

interface Question extends CheckedParameters {
  readonly path: string;
}

/** What is asked for one of a panel's queries: the range, and the newest point where that is not in it. */
function questionsOf(form: URLSearchParams, query: string, grid: TimeGrid): Question[] {
  const { start, end, step, newest } = grid;
  const common: [string, string][] = [['query', query]];
  for (const name of ['service', 'timeout']) {
    for (const value of form.getAll(name)) common.push([name, value]);
  }
  const withTimes = (times: Record<string, number>) => {
    const asked = new URLSearchParams(common);
    for (const [name, time] of Object.entries(times)) asked.set(name, `${time}`);
    return asked;
  };
  const range = readRange(withTimes({ start, end, step }), 'promql');
  const questions: Question[] = [{ path: '/api/v1/query_range', ...range }];
  if (newest !== undefined) {
    questions.push({ path: '/api/v1/query', ...readInstant(withTimes({ time: newest }), 'promql') });
  }
  return questions;
}

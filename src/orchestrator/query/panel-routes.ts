import { Type } from 'typebox';
import { PANEL_UNITS, PANELS } from '../../infrastructure/telemetry/panels.ts';
import type { VictoriaMetricsClient } from '../../infrastructure/victoria-metrics/client.ts';
import { QueryError } from '../../shared/errors.ts';
import type { HttpServer } from '../../shared/service/http-server.ts';
import { tagAndCompress } from './caching-headers.ts';
import { rateWindow, readGrid, seriesOf, type TimeGrid, timesOf, withWindow } from './panel-series.ts';
import { PanelParameters } from './parameter-schemas.ts';
import { type CheckedParameters, readInstant, readRange } from './parameters.ts';
import { callerSignal, formOf } from './query-request.ts';
import { ASKING, errors } from './response-schemas.ts';

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
      schema: {
        tags: ['metrics'],
        summary: "A panel's series, on one grid of times that suits the width",
        params: Type.Object({ name: Type.String({ examples: ['request_rate'] }) }),
        querystring: PanelParameters,
        response: { 200: PanelAnswer, 304: UNCHANGED, ...errors(...ASKING, 404) },
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
      const series = await Promise.all(
        panel.queries.map(async (query) => {
          const asked = questionsOf(form, query.promql, grid).map(({ timeoutMs, ...question }) =>
            tsdb.samples({ endpoint: 'panel', ...question }, { signal, ...(timeoutMs && { timeoutMs }) }),
          );
          return seriesOf(query, (await Promise.all(asked)).flat(), times);
        }),
      );
      const { start, end, step } = grid;
      return {
        status: 'success' as const,
        data: { ...panel, start, end, step, times, series: series.flat() },
      };
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

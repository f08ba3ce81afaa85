import { Type } from 'typebox';
import { PANELS } from '../../infrastructure/telemetry/panels.ts';
import type { VictoriaMetricsClient } from '../../infrastructure/victoria-metrics/client.ts';
import { QueryError } from '../../shared/errors.ts';
import { PanelAnswer, PanelList } from '../../shared/http-contract/panels.ts';
import { withHeaders } from '../../shared/service/error-bodies.ts';
import type { HttpServer } from '../../shared/service/http-server.ts';
import { inTurn } from '../../shared/service/loop-turns.ts';
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
  /** How often the TSDB scrapes. No step is shorter; rate windows span four scrapes. */
  readonly scrapeIntervalSeconds: number;
}

const TAG = { etag: 'send it as If-None-Match with the next request: it gets 304 if nothing has changed' };
const UNCHANGED = Type.Null({
  description: 'nothing has changed since the response with the ETag of If-None-Match',
});

/** Panels: one call returns what a chart shows. Responses carry an ETag, because they stay the same for a step. */
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
        summary: 'The named panels: title, section, description, unit, headline and PromQL',
        response: { 200: withHeaders(PanelList, TAG), 304: withHeaders(UNCHANGED, TAG), ...errors() },
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
        summary: "A panel's series, all on the same times, as many as the width asks for",
        params: Type.Object({ name: Type.String({ examples: ['request_rate'] }) }),
        querystring: PanelParameters,
        response: {
          200: withHeaders(PanelAnswer, TAG),
          304: withHeaders(UNCHANGED, TAG),
          ...errors(404, 414, 422),
        },
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
          const draw = async ({ timeoutMs, ...asked }: TsdbRequest) => {
            const options = { signal, ...(timeoutMs && { timeoutMs }) };
            const samples = await tsdb.samples({ endpoint: 'panel', ...asked }, options);
            await inTurn(() => drawn.add(samples));
          };
          await Promise.all(tsdbRequests(form, query.promql, grid, request.caller?.labels).map(draw));
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

interface TsdbRequest extends CheckedParameters {
  readonly path: string;
}

/** The requests for one of a panel's queries: the range, and the newest point if the range does not hold it. */
function tsdbRequests(
  form: URLSearchParams,
  query: string,
  grid: TimeGrid,
  labels: Readonly<Record<string, string>> | undefined,
): TsdbRequest[] {
  const { start, end, step, newest } = grid;
  const common: [string, string][] = [['query', query]];
  for (const name of ['service', 'timeout']) {
    for (const value of form.getAll(name)) common.push([name, value]);
  }
  const withTimes = (times: Record<string, number>) => {
    const parameters = new URLSearchParams(common);
    for (const [name, time] of Object.entries(times)) parameters.set(name, `${time}`);
    return parameters;
  };
  const range = readRange(withTimes({ start, end, step }), 'promql', labels);
  const requests: TsdbRequest[] = [{ path: '/api/v1/query_range', ...range }];
  if (newest !== undefined) {
    requests.push({ path: '/api/v1/query', ...readInstant(withTimes({ time: newest }), 'promql', labels) });
  }
  return requests;
}

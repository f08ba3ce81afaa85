import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { PANELS, type Panel } from '../../infrastructure/telemetry/panels.ts';
import type { VictoriaMetricsClient } from '../../infrastructure/victoria-metrics/client.ts';
import { QueryError } from '../../shared/errors.ts';
import { MOST_PANEL_SERIES, MOST_PANELS } from '../../shared/http-contract/limits.ts';
import { PanelAnswer, PanelAnswers, type PanelData, PanelList } from '../../shared/http-contract/panels.ts';
import { withHeaders } from '../../shared/service/error-bodies.ts';
import type { HttpServer } from '../../shared/service/http-server.ts';
import { inTurn } from '../../shared/service/loop-turns.ts';
import { tagAndCompress } from './caching-headers.ts';
import { foldSeries } from './panel-folding.ts';
import {
  emptyPanel,
  GridSeries,
  rateWindow,
  readGrid,
  type TimeGrid,
  timesOf,
  withWindow,
} from './panel-series.ts';
import { PanelParameters, PanelsParameters } from './parameter-schemas.ts';
import { readWhole, single } from './parameter-values.ts';
import { type CheckedParameters, readInstant, readRange } from './parameters.ts';
import { callerSignal, formOf } from './query-request.ts';
import { errors } from './response-schemas.ts';

export interface PanelsApiOptions {
  readonly tsdb: VictoriaMetricsClient;
  /** How often the TSDB scrapes. No step is shorter; rate windows span four scrapes. */
  readonly scrapeIntervalSeconds: number;
}

/**
 * Queries of one request that are at the TSDB at the same time. With a TSDB that hangs, two open dashboards must leave room
 * in QUERY_CONCURRENCY.
 */
const AT_ONCE = 2;

const TAG = { etag: 'send it as If-None-Match with the next request: it gets 304 if nothing has changed' };
const UNCHANGED = Type.Null({
  description: 'nothing has changed since the response with the ETag of If-None-Match',
});

/** Panels: one call returns what a chart shows. Responses carry an ETag, because they stay the same for a step. */
export async function panelRoutes(app: HttpServer, options: PanelsApiOptions): Promise<void> {
  const { scrapeIntervalSeconds } = options;
  app.addHook('onSend', tagAndCompress);
  app.addHook('onRequest', async (_, reply) => void reply.header('cache-control', 'private, no-cache'));

  app.get(
    '/panels',
    {
      config: { endpoint: 'panels' },
      serializerCompiler: () => (answer) => JSON.stringify(answer),
      schema: {
        tags: ['metrics'],
        summary:
          'The named panels: title, section, description, unit, headline and PromQL; with names= their series',
        querystring: PanelsParameters,
        response: {
          200: withHeaders(Type.Union([PanelList, PanelAnswers]), TAG),
          304: withHeaders(UNCHANGED, TAG),
          ...errors(404, 414, 422),
        },
      },
    },
    async (request, reply) => {
      const form = formOf(request);
      const names = single(form, 'names');
      if (names === undefined) {
        const window = rateWindow(0, scrapeIntervalSeconds);
        return { status: 'success' as const, data: PANELS.map((panel) => withWindow(panel, window)) };
      }
      const panels = panelsNamed(names);
      const read = panelReader(options, request, reply);
      const data = await Promise.all(panels.map(read));
      return inTurn(() => ({ status: 'success' as const, data }));
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
      const panel = panelNamed((request.params as { name: string }).name);
      const data = await panelReader(options, request, reply)(panel);
      // In a turn of its own: to send many values takes as long as to draw them.
      return inTurn(() => ({ status: 'success' as const, data }));
    },
  );
}

/** Reads the parameters of a request, and returns what reads one panel for it. */
function panelReader(
  { tsdb, scrapeIntervalSeconds }: PanelsApiOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): (panel: Panel) => Promise<PanelData> {
  const form = formOf(request);
  const grid = readGrid(form, scrapeIntervalSeconds, Date.now() / 1000);
  const top =
    readWhole(form, 'top', { min: 1, max: MOST_PANEL_SERIES, of: 'series' }) ?? Number.POSITIVE_INFINITY;
  const signal = callerSignal(reply);
  const times = timesOf(grid);
  const window = rateWindow(grid.step, scrapeIntervalSeconds);
  const inFew = limited(AT_ONCE);
  return async (named) => {
    const panel = withWindow(named, window);
    const room = emptyPanel();
    const series = await Promise.all(
      panel.queries.map(async (query) => {
        const drawn = new GridSeries(query, times, room);
        // Each answer is drawn when it comes: until the last one is there, the panel holds numbers only.
        const draw = async ({ timeoutMs, ...asked }: TsdbRequest) => {
          const options = { signal, ...(timeoutMs && { timeoutMs }) };
          const samples = await inFew(() => tsdb.samples({ endpoint: 'panel', ...asked }, options));
          await inTurn(() => drawn.add(samples));
        };
        await Promise.all(tsdbRequests(form, query.promql, grid, request.caller?.labels).map(draw));
        return drawn.sorted();
      }),
    );
    const { start, end, step } = grid;
    const { series: shown, folded } = await inTurn(() => foldSeries(panel, series.flat(), top));
    return { ...panel, start, end, step, times, series: [...shown], folded };
  };
}

/** Returns what runs functions, at most `concurrency` of them at the same time. Those behind one that fails fail too. */
function limited(concurrency: number): <T>(run: () => Promise<T>) => Promise<T> {
  const running: Promise<unknown>[] = Array(concurrency).fill(undefined);
  let next = 0;
  return (run) => {
    const lane = next++ % concurrency;
    const ended = Promise.resolve(running[lane]).then(run);
    running[lane] = ended;
    return ended;
  };
}

function panelsNamed(text: string): Panel[] {
  const names = text.split(',');
  if (names.length <= MOST_PANELS && new Set(names).size === names.length) return names.map(panelNamed);
  throw new QueryError(
    'bad_data',
    `names: expected at most ${MOST_PANELS} panels, each once; got ${names.length} names`,
  );
}

function panelNamed(name: string): Panel {
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

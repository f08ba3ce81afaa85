import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Panel, PanelQuery } from '../../infrastructure/telemetry/panels.ts';
import type { VictoriaMetricsClient } from '../../infrastructure/victoria-metrics/client.ts';
import { ResultTooLarge } from '../../infrastructure/victoria-metrics/query-errors.ts';
import { MOST_PANEL_EXEMPLARS, MOST_PANEL_SERIES } from '../../shared/http-contract/limits.ts';
import type { PanelData, PanelSeries } from '../../shared/http-contract/panels.ts';
import { inTurn } from '../../shared/service/loop-turns.ts';
import { withEarlier } from './panel-comparison.ts';
import { exemplarsOf } from './panel-exemplars.ts';
import { foldSeries } from './panel-folding.ts';
import {
  emptyPanel,
  GridSeries,
  type PanelRoom,
  rateWindow,
  readGrid,
  shifted,
  type TimeGrid,
  timesOf,
  withWindow,
} from './panel-series.ts';
import type { PanelWidths } from './panel-widths.ts';
import { readWhole, single } from './parameter-values.ts';
import { type CheckedParameters, readExemplars, readInstant, readRange } from './parameters.ts';
import { callerSignal, formOf } from './query-request.ts';
import { parseDuration } from './time-parameters.ts';

export interface PanelReaderOptions {
  readonly tsdb: VictoriaMetricsClient;
  /** How often the TSDB scrapes. No step is shorter; rate windows span four scrapes. */
  readonly scrapeIntervalSeconds: number;
  /** The address of a trace, with `{trace_id}`; undefined: nobody knows it. */
  readonly traceUrlTemplate?: string | undefined;
}

/**
 * Queries of one request that are at the TSDB at the same time. With a TSDB that hangs, two open dashboards must leave room
 * in QUERY_CONCURRENCY.
 */
const AT_ONCE = 2;

/** Reads the parameters of a request, and returns what reads one panel for it, with fewer points where it has many series. */
export function panelReader(
  { tsdb, scrapeIntervalSeconds, traceUrlTemplate }: PanelReaderOptions,
  widths: PanelWidths,
  request: FastifyRequest,
  reply: FastifyReply,
): (panel: Panel) => Promise<PanelData> {
  const form = formOf(request);
  const nowSeconds = Date.now() / 1000;
  const gridOf = (maxWidth?: number) => readGrid(form, scrapeIntervalSeconds, nowSeconds, maxWidth);
  gridOf(); // wrong parameters are told before the TSDB is asked
  const { top, offset, exemplars: mostExemplars } = readChoices(form);
  const labels = request.caller?.labels;
  const signal = callerSignal(reply);
  const inFew = limited(AT_ONCE);

  async function seriesOf(query: PanelQuery, on: TimeGrid, room: PanelRoom): Promise<PanelSeries[]> {
    const drawn = new GridSeries(query, timesOf(on), room);
    // Each answer is drawn when it comes: until the last one is there, the panel holds numbers only.
    const draw = async ({ timeoutMs, ...asked }: TsdbRequest) => {
      const options = { signal, ...(timeoutMs && { timeoutMs }) };
      const samples = await inFew(() => tsdb.samples({ endpoint: 'panel', ...asked }, options));
      await inTurn(() => drawn.add(samples));
    };
    await Promise.all(tsdbRequests(form, query.promql, on, labels).map(draw));
    return drawn.sorted();
  }

  async function compared(
    query: PanelQuery,
    grid: TimeGrid,
    room: PanelRoom,
  ): Promise<readonly PanelSeries[]> {
    if (offset === undefined) return seriesOf(query, grid, room);
    const [now, earlier] = await Promise.all([
      seriesOf(query, grid, room),
      seriesOf(query, shifted(grid, -offset), room),
    ]);
    return inTurn(() => withEarlier(now, earlier, timesOf(grid).length));
  }

  async function exemplarsFor({ histogram }: Panel, grid: TimeGrid): Promise<Pick<PanelData, 'exemplars'>> {
    if (histogram === undefined || mostExemplars === undefined) return {};
    const ask = (start: number, end: number) => {
      const asked = asking(form, `${histogram}_bucket`, { start, end });
      const { timeoutMs, ...checked } = readExemplars(asked, 'promql', labels);
      const query = { endpoint: 'panel', path: '/api/v1/query_exemplars', ...checked };
      return tsdb.exemplars(query, { signal, ...(timeoutMs && { timeoutMs }) });
    };
    const end = grid.newest ?? grid.end;
    const found = await inFew(() =>
      exemplarsOf(ask, { start: grid.start, end }, mostExemplars, traceUrlTemplate),
    );
    return { exemplars: found };
  }

  async function read(named: Panel, grid: TimeGrid): Promise<PanelData> {
    const { start, end, step } = grid;
    const panel = withWindow(named, rateWindow(step, scrapeIntervalSeconds));
    const room = emptyPanel();
    const [series, exemplars] = await Promise.all([
      Promise.all(panel.queries.map((query) => compared(query, grid, room))),
      exemplarsFor(panel, grid),
    ]);
    const { series: shown, folded } = await inTurn(() => foldSeries(panel, series.flat(), top));
    const drawn = { start, end, step, times: timesOf(grid), series: [...shown], folded };
    return { ...panel, ...drawn, ...(offset !== undefined && { offset }), ...exemplars };
  }

  return (panel) =>
    widths.fit(JSON.stringify([panel.name, form.getAll('service'), labels]), (maxWidth) => {
      const grid = gridOf(maxWidth);
      return { points: timesOf(grid).length, data: read(panel, grid) };
    });
}

interface Choices {
  readonly top: number;
  /** Seconds. */
  readonly offset: number | undefined;
  readonly exemplars: number | undefined;
}

function readChoices(form: URLSearchParams): Choices {
  const offset = single(form, 'offset');
  return {
    top: readWhole(form, 'top', { min: 1, max: MOST_PANEL_SERIES, of: 'series' }) ?? Number.POSITIVE_INFINITY,
    offset: offset === undefined ? undefined : parseDuration('offset', offset),
    exemplars: readWhole(form, 'exemplars', { min: 1, max: MOST_PANEL_EXEMPLARS, of: 'exemplars' }),
  };
}

/**
 * Returns what runs functions, at most `concurrency` of them at the same time. Those behind one that fails fail too: the
 * TSDB is away. A result that is too large says nothing about the next one.
 */
function limited(concurrency: number): <T>(run: () => Promise<T>) => Promise<T> {
  const running: Promise<unknown>[] = Array(concurrency).fill(undefined);
  let next = 0;
  return (run) => {
    const lane = next++ % concurrency;
    const ended = Promise.resolve(running[lane]).catch(unlessTooLarge).then(run);
    running[lane] = ended;
    return ended;
  };
}

function unlessTooLarge(error: unknown): void {
  if (!(error instanceof ResultTooLarge)) throw error;
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
  const range = readRange(asking(form, query, { start, end, step }), 'promql', labels);
  const requests: TsdbRequest[] = [{ path: '/api/v1/query_range', ...range }];
  if (newest !== undefined) {
    requests.push({
      path: '/api/v1/query',
      ...readInstant(asking(form, query, { time: newest }), 'promql', labels),
    });
  }
  return requests;
}

/** A query with its times, and what the request says of every query. */
function asking(
  form: URLSearchParams,
  query: string,
  times: Readonly<Record<string, number>>,
): URLSearchParams {
  const parameters = new URLSearchParams({ query });
  for (const name of ['service', 'timeout']) {
    for (const value of form.getAll(name)) parameters.append(name, value);
  }
  for (const [name, time] of Object.entries(times)) parameters.set(name, `${time}`);
  return parameters;
}

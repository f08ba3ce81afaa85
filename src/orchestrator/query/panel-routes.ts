import { Type } from 'typebox';
import { PANELS, type Panel } from '../../infrastructure/telemetry/panels.ts';
import { QueryError } from '../../shared/errors.ts';
import { MOST_PANELS } from '../../shared/http-contract/limits.ts';
import { PanelAnswer, PanelAnswers, PanelList } from '../../shared/http-contract/panels.ts';
import { withHeaders } from '../../shared/service/error-bodies.ts';
import type { HttpServer } from '../../shared/service/http-server.ts';
import { inTurn } from '../../shared/service/loop-turns.ts';
import { tagAndCompress } from './caching-headers.ts';
import { type PanelReaderOptions, panelReader } from './panel-reader.ts';
import { rateWindow, withWindow } from './panel-series.ts';
import { PanelWidths } from './panel-widths.ts';
import { PanelParameters, PanelsParameters } from './parameter-schemas.ts';
import { single } from './parameter-values.ts';
import { formOf } from './query-request.ts';
import { errors } from './response-schemas.ts';

export type PanelsApiOptions = PanelReaderOptions;

const TAG = { etag: 'send it as If-None-Match with the next request: it gets 304 if nothing has changed' };
const UNCHANGED = Type.Null({
  description: 'nothing has changed since the response with the ETag of If-None-Match',
});

/** Panels: one call returns what a chart shows. Responses carry an ETag, because they stay the same for a step. */
export async function panelRoutes(app: HttpServer, options: PanelsApiOptions): Promise<void> {
  const { scrapeIntervalSeconds } = options;
  const widths = new PanelWidths();
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
      const read = panelReader(options, widths, request, reply);
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
      const data = await panelReader(options, widths, request, reply)(panel);
      // In a turn of its own: to send many values takes as long as to draw them.
      return inTurn(() => ({ status: 'success' as const, data }));
    },
  );
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

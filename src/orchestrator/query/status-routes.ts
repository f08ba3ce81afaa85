import type { HttpServer } from '../../shared/service/http-server.ts';
import { FormatParameters, parametersOf } from './parameter-schemas.ts';
import { required } from './parameter-values.ts';
import { describeSyntax } from './promql/syntax-description.ts';
import { checkPromql, parsePromql } from './promql.ts';
import { normalizeQuery } from './promql-rewriting.ts';
import { formOf } from './query-request.ts';
import { errors, passedOn } from './response-schemas.ts';

export interface StatusRoutesOptions {
  /** The flags that status/flags shows. */
  readonly flags: Readonly<Record<string, string>>;
}

/** The version of Prometheus that VictoriaMetrics names too. */
const COMPATIBLE_VERSION = '2.24.0';

/** What Prometheus's clients ask for beside queries. The orchestrator answers it without the TSDB. */
export async function statusRoutes(app: HttpServer, { flags }: StatusRoutesOptions): Promise<void> {
  const status = (url: string, endpoint: string, summary: string, data: unknown) =>
    app.get(
      url,
      {
        config: { endpoint },
        schema: { tags: ['metrics'], summary, response: { 200: passedOn(summary, data), ...errors() } },
      },
      async () => ({ status: 'success', data }),
    );
  const build = { revision: '', branch: '', buildUser: '', buildDate: '', goVersion: '' };
  status('/status/buildinfo', 'buildinfo', 'Show the version of Prometheus whose API this one resembles', {
    version: COMPATIBLE_VERSION,
    ...build,
  });
  status('/status/flags', 'flags', "Show settings in the form of Prometheus's flags", flags);
  formatRoutes(app);
}

/** Routes that answer from the query alone. */
function formatRoutes(app: HttpServer): void {
  const route = (name: string, summary: string, example: unknown, answer: (query: string) => unknown) => {
    for (const method of ['GET', 'POST'] as const) {
      app.route({
        method,
        url: `/${name}`,
        config: { endpoint: name, readOnly: true },
        schema: {
          tags: ['metrics'],
          summary,
          ...parametersOf(method, FormatParameters),
          response: {
            200: passedOn('the expression', example),
            ...errors(400, ...(method === 'POST' ? [413, 415] : [])),
          },
        },
        handler: async (request) => {
          const query = required(formOf(request), 'query');
          checkPromql(query);
          return { status: 'success', data: answer(query) };
        },
      });
    }
  };
  route(
    'format_query',
    'Put a PromQL expression on one line, without comments',
    'sum(rate(up[5m]))',
    (query) => normalizeQuery(query),
  );
  route(
    'parse_query',
    'Show the syntax tree of a PromQL expression, as Prometheus 3 does',
    { type: 'parenExpr', expr: { type: 'numberLiteral', val: '1' } },
    (query) => describeSyntax(parsePromql(query), query),
  );
}

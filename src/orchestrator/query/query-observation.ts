import { ABORTED_STATUS, UNMATCHED } from '../../infrastructure/metrics/http/http-metrics.ts';
import type { HttpServer } from '../../shared/service/http-server.ts';
import { formOf } from './http-exchange.ts';
import { normalizeQuery } from './promql.ts';
import type { QueryMetrics } from './query-metrics.ts';

const MAX_LOGGED_CHARACTERS = 1_000;

/** Counts every request of this scope, and logs those that took longer than `slowSeconds` (0 for none). */
export function observeQueries(
  app: HttpServer,
  { metrics, slowSeconds }: { readonly metrics: QueryMetrics; readonly slowSeconds: number },
): void {
  app.addHook('onRequest', (request, reply, done) => {
    const { endpoint = UNMATCHED } = request.routeOptions.config;
    const startedAt = performance.now();
    reply.raw.once('close', () => {
      const status = reply.raw.writableFinished ? reply.raw.statusCode : ABORTED_STATUS;
      metrics.answered(endpoint, status);
      const durationSeconds = (performance.now() - startedAt) / 1000;
      if (slowSeconds === 0 || durationSeconds < slowSeconds) return;
      const query = shownQuery(formOf(request));
      request.log.warn({ endpoint, status, duration_seconds: durationSeconds, query }, 'slow query');
    });
    done();
  });
}

/** The query for a log: on one line, without what its strings hold, which may be anything. */
function shownQuery(form: URLSearchParams): string | undefined {
  const query = form.get('query') ?? form.get('match[]');
  if (query === null) return undefined;
  try {
    return normalizeQuery(query, { secret: true }).slice(0, MAX_LOGGED_CHARACTERS);
  } catch {
    return '(not PromQL)';
  }
}

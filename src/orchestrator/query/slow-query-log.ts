import type { FastifyRequest } from 'fastify';
import { normalizeQuery } from './promql-rewriting.ts';
import { formOf } from './query-request.ts';

/** The query API logs queries that take longer. */
export const SLOW_QUERY_SECONDS = 5;

const MAX_LOGGED_CHARACTERS = 1_000;

/** Logs a query on one line, without the contents of its strings: they may be personal data or secrets. */
export function logSlowQuery(
  request: FastifyRequest,
  ended: { readonly endpoint: string; readonly status: number; readonly durationSeconds: number },
): void {
  const { endpoint, status, durationSeconds } = ended;
  const query = shownQuery(formOf(request));
  request.log.warn({ endpoint, status, duration_seconds: durationSeconds, query }, 'slow query');
}

function shownQuery(form: URLSearchParams): string | undefined {
  const query = form.get('query') ?? form.get('match[]');
  if (query === null) return undefined;
  try {
    return normalizeQuery(query, { hideStrings: true }).slice(0, MAX_LOGGED_CHARACTERS);
  } catch {
    return '(not PromQL)';
  }
}

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
  const query = shownQuery(request);
  request.log.warn({ endpoint, status, duration_seconds: durationSeconds, query }, 'slow query');
}

/** A request may have been slow, and over its budget or no PromQL. */
function shownQuery(request: FastifyRequest): string | undefined {
  try {
    const form = formOf(request);
    const query = form.get('query') ?? form.get('match[]');
    if (query === null) return undefined;
    return normalizeQuery(query, { hideStrings: true }).slice(0, MAX_LOGGED_CHARACTERS);
  } catch {
    return '(not PromQL, or too long)';
  }
}

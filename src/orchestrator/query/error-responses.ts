import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AsdlcError, QueryError } from '../../shared/errors.ts';
import { type HttpServer, messageOf } from '../../shared/service/http-server.ts';

/** Sends errors in Prometheus's shape, `{status, errorType, error}`, also for routes that do not exist. */
export function answerErrorsAsPrometheus(app: HttpServer): void {
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const shown = shownError(error, messageFor(error, request));
    // The TSDB's client logs once that the TSDB is away: a line for each query would flood the log.
    const level = shown.statusCode >= 500 && !(error instanceof AsdlcError) ? 'error' : 'debug';
    request.log[level]({ error, endpoint: request.routeOptions.config.endpoint }, 'query failed');
    if (shown.retryAfterSeconds !== undefined) reply.header('retry-after', String(shown.retryAfterSeconds));
    reply.header('cache-control', 'no-store').header('content-type', 'application/json; charset=utf-8');
    return reply.code(shown.statusCode).send(JSON.stringify(shown.body));
  });
  app.setNotFoundHandler(() => {
    throw new QueryError('not_found', 'No such route of the query API.');
  });
}

/** Sends such an error for a request that the router refuses before it has a route, as `/api/metrics/%zz`. */
export function answerRefused(
  error: Error & { statusCode?: number },
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const { statusCode, body } = shownError(error, messageFor(error, request));
  request.log.debug({ error }, 'the router refused a query');
  reply.code(statusCode).header('cache-control', 'no-store').send(body);
}

/** Sends such an error for a query that is answered without Fastify. `headers` are those of any answer to it. */
export function sendQueryError(response: ServerResponse, headers: OutgoingHttpHeaders, error: Error): void {
  const { statusCode, retryAfterSeconds, body } = shownError(error, error.message);
  const text = JSON.stringify(body);
  response
    .writeHead(statusCode, {
      ...headers,
      'cache-control': 'no-store',
      'content-length': Buffer.byteLength(text),
      ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
    })
    .end(text);
}

function messageFor(error: Error & { statusCode?: number }, request: FastifyRequest): string {
  if (error.statusCode === 415) return 'content-type: expected application/x-www-form-urlencoded';
  return messageOf(error, request);
}

/** Returns what the client may see: the message of our own errors, and of any with a status below 500. */
function shownError(error: Error & { statusCode?: number }, message: string) {
  const known = error instanceof AsdlcError;
  const statusCode = error.statusCode ?? 500;
  const isShown = known || statusCode < 500;
  return {
    statusCode: isShown ? statusCode : 500,
    retryAfterSeconds: known ? error.retryAfterSeconds : undefined,
    body: {
      status: 'error' as const,
      errorType: errorTypeOf(error, statusCode),
      error: isShown ? message : 'The request failed; the log says why.',
    },
  };
}

/** Of errors that come from outside the query API: tokens, budgets, the drain. */
const TYPE_BY_STATUS: Readonly<Record<number, string>> = {
  401: 'unauthorized',
  403: 'forbidden',
  429: 'too_many_requests',
  503: 'unavailable',
};

function errorTypeOf(error: Error, statusCode: number): string {
  if (error instanceof QueryError) return error.errorType;
  return TYPE_BY_STATUS[statusCode] ?? (statusCode < 500 ? 'bad_data' : 'internal');
}

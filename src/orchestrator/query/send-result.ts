import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { isStream, sizeOf } from '../../infrastructure/victoria-metrics/query-response.ts';
import type { KeptResponse } from '../../infrastructure/victoria-metrics/result-cache.ts';
import { varyByCaller } from './caching-headers.ts';

/** Sets the headers that each answer with a body of the TSDB has. */
export function setResultHeaders(reply: FastifyReply): void {
  reply.header('content-type', 'application/json; charset=utf-8');
  varyByCaller(reply);
}

/**
 * Sends the TSDB's body unchanged, in the pieces in which it came: a copy would be garbage soon, and a third of the work.
 * The browser may keep it for as long as our own cache does.
 */
export function sendResult(
  response: ServerResponse,
  headers: OutgoingHttpHeaders,
  { gzip, body, keptForMs }: KeptResponse,
): void {
  const head = {
    ...headers,
    'cache-control': cacheControl(keptForMs),
    ...(gzip && { 'content-encoding': 'gzip' }),
  };
  if (isStream(body)) {
    response.writeHead(200, head);
    pipeline(body, response, () => undefined); // an error ends the connection
    return;
  }
  response.writeHead(200, { ...head, 'content-length': sizeOf(body) });
  response.cork();
  for (const piece of body) response.write(piece);
  response.end();
}

function cacheControl(keptForMs: number): string {
  const maxAge = Math.floor(keptForMs / 1000);
  return maxAge > 0 ? `private, max-age=${maxAge}` : 'no-store';
}

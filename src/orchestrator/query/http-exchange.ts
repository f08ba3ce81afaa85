import { hash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { acceptsGzip, compress, MIN_GZIP_BYTES } from '../../infrastructure/metrics/http/compression.ts';
import type { Answer } from '../../infrastructure/victoria-metrics/coalesced-request.ts';

/** A request's parameters: those of its form body, then those of its URL, as Prometheus reads them. */
export function formOf(request: FastifyRequest): URLSearchParams {
  const { url = '' } = request.raw;
  const mark = url.indexOf('?');
  const inUrl = new URLSearchParams(mark === -1 ? '' : url.slice(mark + 1));
  if (!(request.body instanceof URLSearchParams)) return inUrl;
  const all = new URLSearchParams(request.body);
  for (const [name, value] of inUrl) all.append(name, value);
  return all;
}

/** Aborts when the client closes its connection before it has its answer. */
export function callerSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => reply.raw.writableFinished || controller.abort());
  return controller.signal;
}

/** Sends the TSDB's body as it came; the browser may keep it for as long as it is kept here. */
export function sendAnswer(
  reply: FastifyReply,
  { gzip, body, keptForMs }: Answer & { readonly keptForMs: number },
): FastifyReply {
  const maxAge = Math.floor(keptForMs / 1000);
  reply.header('cache-control', maxAge > 0 ? `private, max-age=${maxAge}` : 'no-store');
  reply.header('content-type', 'application/json; charset=utf-8');
  varyByEncoding(reply);
  if (gzip) reply.header('content-encoding', 'gzip');
  return reply.send(body);
}

/**
 * Of a whole answer of 200: adds an ETag, answers 304 where the client has it (RFC 9110, section 13.1.2), and
 * compresses what is sent. The ETag is a weak one, as it is of both forms.
 */
export async function tagAndCompress(
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
): Promise<unknown> {
  if (reply.statusCode !== 200 || typeof payload !== 'string') return payload;
  const tag = `"${hash('sha1', payload, 'base64url')}"`;
  reply.header('etag', `W/${tag}`);
  varyByEncoding(reply);
  const known = (request.headers['if-none-match'] ?? '')
    .split(',')
    .map((each) => each.trim().replace(/^W\//, ''));
  if (known.includes(tag) || known.includes('*')) {
    reply.code(304);
    return '';
  }
  if (payload.length < MIN_GZIP_BYTES || !acceptsGzip(request.headers['accept-encoding'])) return payload;
  reply.header('content-encoding', 'gzip').removeHeader('content-length');
  return compress(payload);
}

/** CORS may have set it to Origin. */
function varyByEncoding(reply: FastifyReply): void {
  const vary = reply.getHeader('vary');
  reply.header('vary', vary === undefined ? 'accept-encoding' : `${vary}, accept-encoding`);
}

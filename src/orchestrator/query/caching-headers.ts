import { hash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { acceptsGzip, compress, MIN_GZIP_BYTES } from '../../infrastructure/metrics/http/compression.ts';

/**
 * An onSend hook for bodies of status 200. It adds an ETag, sends 304 to a client that has the body already (RFC 9110,
 * section 13.1.2), and compresses what is left. The ETag is weak: it is the same with and without compression.
 */
export async function tagAndCompress(
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
): Promise<unknown> {
  if (reply.statusCode !== 200 || typeof payload !== 'string') return payload;
  const tag = `"${hash('sha1', payload, 'base64url')}"`;
  reply.header('etag', `W/${tag}`);
  varyByCaller(reply);
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

/**
 * Adds to `vary`, which CORS may have set to Origin. A browser that goes from one token to another must not show what it
 * kept of the first.
 */
export function varyByCaller(reply: FastifyReply): void {
  const vary = reply.getHeader('vary');
  const own = 'accept-encoding, authorization';
  reply.header('vary', vary === undefined ? own : `${vary}, ${own}`);
}

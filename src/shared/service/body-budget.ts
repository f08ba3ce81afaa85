import { getHeapStatistics } from 'node:v8';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { overloaded } from '../errors.ts';

const MIB = 1024 * 1024;
const [MIN_BYTES, MAX_BYTES] = [16 * MIB, 64 * MIB];

/** A body takes several times its size while it is parsed and stored. */
const HEAP_SHARE = 1 / 8;

/** Bodies up to this have a bound of their own: a few large ones keep nobody's small ones out. */
const MAX_SMALL_BYTES = 64 * 1024;
const SMALL_SHARE = 1 / 4;

/** How many bytes of bodies may be under way at once in this process: an eighth of its heap, from 16 to 64 MiB. */
export function bodyBudgetBytes(heapLimitBytes = getHeapStatistics().heap_size_limit): number {
  return Math.min(Math.max(heapLimitBytes * HEAP_SHARE, MIN_BYTES), MAX_BYTES);
}

/**
 * Bounds the bytes of bodies from their arrival to the answer; what would go past the bound is answered 503. A body
 * without a length counts as the longest that its route takes. One alone is always let in. Small bodies may have a
 * quarter of the bound beside it.
 */
export function boundBodies(app: FastifyInstance, budgetBytes = bodyBudgetBytes()): void {
  const large = { limit: budgetBytes, underWay: 0 };
  const small = { limit: budgetBytes * SMALL_SHARE, underWay: 0 };
  app.addHook('onRequest', (request, reply, done) => {
    const bytes = announcedBytes(request);
    if (bytes === 0) return done();
    const bound = bytes <= MAX_SMALL_BYTES ? small : large;
    if (bound.underWay > 0 && bound.underWay + bytes > bound.limit) {
      return done(overloaded('as many bytes of bodies as it has memory for'));
    }
    bound.underWay += bytes;
    reply.raw.once('close', () => {
      bound.underWay -= bytes;
    });
    done();
  });
}

function announcedBytes(request: FastifyRequest): number {
  const { 'transfer-encoding': coding, 'content-length': length } = request.headers;
  if (coding === undefined && length === undefined) return 0;
  const limit = request.routeOptions.bodyLimit ?? MIB;
  return coding === undefined ? Math.min(Number(length), limit) : limit;
}

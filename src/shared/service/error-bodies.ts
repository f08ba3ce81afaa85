import { ErrorBody } from './http-server.ts';

/** Every route under /api/ may answer these: the token, a foreign page, wrong tokens, load or the drain. */
const COMMON = [401, 403, 429, 503];

/** Returns the response schemas of a route's error statuses. */
export function errorBodies(...statuses: number[]): Record<number, typeof ErrorBody> {
  return Object.fromEntries([...statuses, ...COMMON].map((status) => [status, ErrorBody]));
}

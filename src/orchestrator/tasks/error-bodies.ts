import { ErrorBody } from '../../shared/service/http-server.ts';

/** Returns the response schemas of a route's error statuses. */
export function errorBodies(...statuses: number[]): Record<number, typeof ErrorBody> {
  return Object.fromEntries(statuses.map((status) => [status, ErrorBody]));
}

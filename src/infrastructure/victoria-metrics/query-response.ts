import type { Readable } from 'node:stream';

/** The pieces of a body in the order in which they came, or a stream. Callers share pieces: they must not write to them. */
export type Body = readonly Buffer[] | Readable;

export interface QueryResponse {
  readonly gzip: boolean;
  readonly body: Body;
  /** The body's `data`, if the request asked for it. Callers share it: they must not change it. */
  readonly data?: object;
}

export function isStream(body: Body): body is Readable {
  return !Array.isArray(body);
}

export function sizeOf(pieces: readonly Buffer[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

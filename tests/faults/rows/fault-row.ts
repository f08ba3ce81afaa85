import assert from 'node:assert/strict';
import type { Scope } from '../../support/scope.ts';

/** One fault of the running system. */
export interface FaultRow {
  readonly fault: string;
  readonly promise: string;
  /** Breaks the system and throws when the promise is not kept. Returns in numbers what was seen. */
  readonly show: (scope: Scope) => Promise<string>;
}

/** Other programs may share the machine: so many times longer is still taken as kept. The table shows what was seen. */
const SLACK = 3;

export function assertWithin(what: string, tookMs: number, promisedMs: number): void {
  assert.ok(
    tookMs <= promisedMs * SLACK,
    `${what}: expected ${promisedMs} ms (${SLACK} times that on a busy machine); got ${tookMs} ms`,
  );
}

export async function timed<T>(work: () => Promise<T>): Promise<{ value: T; tookMs: number }> {
  const startedAt = performance.now();
  const value = await work();
  return { value, tookMs: performance.now() - startedAt };
}

export const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
export const milliseconds = (ms: number) => `${Math.round(ms)} ms`;

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

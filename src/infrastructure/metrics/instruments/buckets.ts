import { describe } from '../series/label-validation.ts';

/** The client's default bounds, in seconds. */
export const DEFAULT_BUCKETS: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Up to this many bounds a scan is faster than halving: the CPU predicts its branches better. */
const SCAN_LIMIT = 24;

/** Throws unless the bounds are finite and ascend. +Inf is always there: nobody passes it. */
export function checkBuckets(metric: string, buckets: readonly unknown[]): void {
  buckets.forEach((bound, index) => {
    const previous = buckets[index - 1];
    const ascends = index === 0 || Number(bound) > Number(previous);
    if (typeof bound !== 'number' || !Number.isFinite(bound) || !ascends) {
      throw new TypeError(
        `${metric}: expected finite bucket bounds in ascending order, each once, with +Inf at most as the last; ` +
          `got ${describe(bound)} at position ${index} of ${describe(buckets)}`,
      );
    }
  });
}

/** The index of the first bucket whose bound is not below the value; `bounds.length` means +Inf. */
export function bucketOf(bounds: Float64Array, value: number): number {
  let low = 0;
  let high = bounds.length;
  while (high - low > SCAN_LIMIT) {
    const middle = (low + high) >>> 1;
    if (value > (bounds[middle] ?? 0)) low = middle + 1;
    else high = middle;
  }
  while (low < high && value > (bounds[low] ?? 0)) low += 1;
  return low;
}

/** `count` bounds, `width` apart. */
export function linearBuckets(start: number, width: number, count: number): number[] {
  if (!(count >= 1)) throw new TypeError(`expected a count of 1 or more; got ${describe(count)}`);
  return Array.from({ length: count }, (_, index) => start + index * width);
}

/** `count` bounds. Each is `factor` times the one before. */
export function exponentialBuckets(start: number, factor: number, count: number): number[] {
  if (!(start > 0) || !(factor > 1) || !(count >= 1)) {
    throw new TypeError(
      `expected a start above 0, a factor above 1 and a count of 1 or more; got ${describe([start, factor, count])}`,
    );
  }
  const buckets = [start];
  while (buckets.length < count) buckets.push((buckets.at(-1) ?? start) * factor);
  return buckets;
}

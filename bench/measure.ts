/** The cost of one candidate: the median of its rounds, the quartiles, and each round in its order. */
export interface Measured {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly costs: readonly number[];
}

type Measurement = () => number | Promise<number>;

/**
 * Measures candidates in turns, each round in another order, so that a noisy neighbour disturbs all of them
 * alike. A candidate returns its cost in one round. The first round only warms up.
 */
export async function alternate<K extends string>(
  candidates: Readonly<Record<K, Measurement>>,
  rounds: number,
): Promise<Record<K, Measured>> {
  const entries = Object.entries<Measurement>(candidates);
  const taken = new Map<string, number[]>(entries.map(([name]) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    entries.push(...entries.splice(0, 1));
    for (const [name, measure] of entries) {
      const cost = await measure();
      if (round > 0) taken.get(name)?.push(cost);
    }
  }
  const measured = [...taken].map(([name, costs]) => [name, summarize(costs)]);
  return Object.fromEntries(measured) as Record<K, Measured>; // the names are those of the candidates
}

export function summarize(costs: readonly number[]): Measured {
  const sorted = costs.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN;
  return { median: at(0.5), low: at(0.25), high: at(0.75), costs };
}

/**
 * Returns how many times as much `peer` costs. Both were measured in the same rounds, so the quartiles are those of the
 * pairs: what slowed down both in a round does not widen them.
 */
export function ratioOf(peer: Measured, own: Measured): Omit<Measured, 'costs'> {
  const pairs = peer.costs.map((cost, i) => cost / (own.costs[i] ?? Number.NaN));
  return { ...summarize(pairs), median: peer.median / own.median };
}

const LOOPS = 10;

/** Returns nanoseconds per call, the median of some loops. `run` makes `count` calls in one loop. */
export function perCall(count: number, run: (count: number) => void): number {
  const costs = Array.from({ length: LOOPS }, () => {
    const startMs = performance.now();
    run(count);
    return ((performance.now() - startMs) * 1e6) / count;
  });
  return summarize(costs).median;
}

/** Returns how many milliseconds the work takes. */
export async function durationMs(work: () => unknown): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { summarize } from './measure.ts';

/*
 * How noisy a machine is. Figures of a busy machine say more about its other programs than about what is measured.
 */

const WATCH_MS = 2_000;
const LOOPS = 40;
const STEPS = 3_000_000;
/** Of all cores. */
const MAX_BUSY = 0.1;
/** Between the quartiles of equal loops, as a share of their median. */
const MAX_SPREAD = 0.1;

export interface Noise {
  /** How much of its CPU time the machine gave to other programs and other machines. */
  readonly busy: number;
  /** How much equal loops of arithmetic differ. */
  readonly spread: number;
  readonly loopMs: number;
}

/** Watches the machine for some seconds. Takes CPU time in the second half only. */
export async function measureNoise(): Promise<Noise> {
  const before = cpuTicks();
  await sleep(WATCH_MS);
  const after = cpuTicks();
  const busy = 1 - (after.idle - before.idle) / (after.all - before.all);
  const { median, low, high } = summarize(Array.from({ length: LOOPS }, loop));
  return { busy, spread: (high - low) / median, loopMs: median };
}

/** Why figures from such a machine are not worth writing down; undefined: they are. */
export function whyTooNoisy({ busy, spread }: Noise): string | undefined {
  if (busy > MAX_BUSY) {
    return `expected that other programs use at most ${percent(MAX_BUSY)} of ${cpus().length} cores; they use ${percent(busy)}`;
  }
  if (spread > MAX_SPREAD) {
    return `expected that equal loops differ by at most ${percent(MAX_SPREAD)}; they differ by ${percent(spread)}`;
  }
  return undefined;
}

export function describeNoise(before: Noise, after: Noise): string {
  const drift = after.loopMs / before.loopMs - 1;
  return `Others used ${percent(before.busy)} of the cores before it and ${percent(after.busy)} after it. Equal loops differed by ${percent(before.spread)} and ${percent(after.spread)}, and took ${percent(Math.abs(drift))} ${drift < 0 ? 'less' : 'more'} after it.`;
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}

function loop(): number {
  const startMs = performance.now();
  let x = 1;
  for (let i = 0; i < STEPS; i++) x = (Math.imul(x, 1_664_525) + 1_013_904_223) | 0;
  return x === 0 ? Number.NaN : performance.now() - startMs;
}

/** Of all cores since the start of the machine. Time that another machine on the same host took is not idle. */
function cpuTicks(): { readonly idle: number; readonly all: number } {
  const [, ...fields] = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]?.split(/\s+/) ?? [];
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, soft = 0, steal = 0] =
    fields.map(Number);
  return { idle: idle + wait, all: user + nice + system + idle + wait + irq + soft + steal };
}

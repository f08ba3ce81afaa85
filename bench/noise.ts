import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { summarize } from './measure.ts';

/*
 * How noisy a machine is. Figures of a busy machine say more about its other programs than about what is measured. System
 * calls and new pages of memory can cost many times as much in one virtual machine as in another: that is no noise, but
 * explains why the figures of two machines differ.
 */

const WATCH_MS = 2_000;
const LOOPS = 40;
const STEPS = 3_000_000;
const CALLS = 20_000;
const MEMORY_BYTES = 32 << 20;
const PAGE_BYTES = 4_096;
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
  /** What Node takes to write a byte to /dev/null: a system call that does nothing. */
  readonly callUs: number;
  /** What the kernel takes to give the process a page of memory. */
  readonly pageUs: number;
}

/** Watches the machine for some seconds. Takes CPU time in the second half only. */
export async function measureNoise(): Promise<Noise> {
  const before = cpuTicks();
  await sleep(WATCH_MS);
  const after = cpuTicks();
  const busy = 1 - (after.idle - before.idle) / (after.all - before.all);
  const { median, low, high } = summarize(Array.from({ length: LOOPS }, loop));
  return { busy, spread: (high - low) / median, loopMs: median, callUs: callUs(), pageUs: pageUs() };
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
  return `Others used ${percent(before.busy)} of the cores before it and ${percent(after.busy)} after it. Equal loops differed by ${percent(before.spread)} and ${percent(after.spread)}, and took ${percent(Math.abs(drift))} ${drift < 0 ? 'less' : 'more'} after it. A system call took ${before.callUs.toFixed(1)} µs, and a new page of memory ${before.pageUs.toFixed(1)} µs.`;
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

function callUs(): number {
  const file = openSync('/dev/null', 'w');
  const byte = Buffer.alloc(1);
  const startMs = performance.now();
  for (let i = 0; i < CALLS; i++) writeSync(file, byte);
  const elapsedMs = performance.now() - startMs;
  closeSync(file);
  return (elapsedMs * 1_000) / CALLS;
}

function pageUs(): number {
  const startMs = performance.now();
  const memory = Buffer.allocUnsafeSlow(MEMORY_BYTES); // pages come with the first write to each
  for (let at = 0; at < memory.length; at += PAGE_BYTES) memory[at] = 1;
  return ((performance.now() - startMs) * 1_000) / (MEMORY_BYTES / PAGE_BYTES);
}

/** Of all cores since the start of the machine. Time that another machine on the same host took is not idle. */
function cpuTicks(): { readonly idle: number; readonly all: number } {
  const [, ...fields] = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]?.split(/\s+/) ?? [];
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, soft = 0, steal = 0] =
    fields.map(Number);
  return { idle: idle + wait, all: user + nice + system + idle + wait + irq + soft + steal };
}

import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { LocalStackFolder } from '../../support/local-stack-process.ts';
import { HANDLERS } from '../../support/processes.ts';
import type { Scope } from '../../support/scope.ts';
import { markdownTable, writeSection } from '../report.ts';
import { type Measure, measuresOf } from './measures.ts';
import { startMixedLoad } from './mixed-load.ts';
import { type Point, slopeOf } from './slopes.ts';

/*
 * `npm run test:soak -- MINUTES` runs the local stack under steady load, and writes its section of docs/reliability.md.
 * It fails when a measure rises. The first third of the time is not measured: caches and kept tasks fill meanwhile.
 */

const SAMPLE_MS = 2_000;
const WARM_UP = 1 / 3;
/** So few kept tasks that their number is reached while the system warms up. */
const KEPT = { COMPLETED_KEEP_COUNT: '500', DEAD_KEEP_COUNT: '50' };

const minutes = Number(process.argv[2]);
if (!(minutes >= 3)) throw new Error(`expected a number of minutes from 3; got ${process.argv[2]}`);

interface Measured {
  readonly measure: Measure;
  readonly points: readonly Point[];
}

async function soak(scope: Scope): Promise<{ measured: Measured[]; accepted: number; unexpected: number }> {
  const folder = await LocalStackFolder.create(scope);
  const stack = folder.start({ env: { ...KEPT, WORKER_HANDLERS: HANDLERS, TASK_RETRY_DELAY: '0.2' } });
  await stack.up();
  const urls = { orchestrator: stack.address('orchestrator'), workers: stack.address('workers') };
  const redis = new Redis(`redis://${stack.address('redis-server').replace(/^\w+:\/\//, '')}`);
  scope.after(() => redis.disconnect());
  const load = startMixedLoad(scope, urls.orchestrator);
  const measured = measuresOf(folder, urls, redis).map((measure) => ({ measure, points: [] as Point[] }));
  const startedAt = performance.now();
  const elapsed = () => (performance.now() - startedAt) / 1_000;
  while (elapsed() < minutes * 60) {
    await sleep(SAMPLE_MS);
    if (elapsed() < minutes * 60 * WARM_UP) continue;
    for (const { measure, points } of measured)
      points.push({ seconds: elapsed(), value: await measure.read() });
  }
  return { measured, ...load };
}

/** How far the line through the points rises from the first to the last. */
function riseOf(points: readonly Point[]): number {
  return slopeOf(points) * ((points.at(-1)?.seconds ?? 0) - (points[0]?.seconds ?? 0));
}

function report({ measured, accepted, unexpected }: Awaited<ReturnType<typeof soak>>): string {
  const rows = measured.map(({ measure: { name, unit, mayRise }, points }) => {
    const shown = (value: number) => `${value.toFixed(unit === '' ? 0 : 1)} ${unit}`.trim();
    const values = points.map(({ value }) => value);
    const ends = [values[0] ?? 0, values.at(-1) ?? 0, Math.max(...values)].map(shown);
    return [name, ...ends, `${shown(slopeOf(points) * 3_600)}/h`, shown(riseOf(points)), shown(mayRise)];
  });
  const header = ['measure', 'first', 'last', 'most', 'slope', 'rise', 'may rise'];
  return `${accepted} tasks accepted in ${minutes} min; ${unexpected} requests with another status than expected. The slope is
that of least squares after the first third of the time; the rise is the slope over the rest.

${markdownTable(header, rows)}`;
}

const steps: (() => unknown)[] = [];
let result: Awaited<ReturnType<typeof soak>>;
try {
  result = await soak({ after: (step) => steps.push(step) });
} finally {
  for (const step of steps.reverse()) await step();
}
const text = report(result);
process.stdout.write(`${text}\n`);
const rising = result.measured.filter(({ measure, points }) => !(riseOf(points) <= measure.mayRise));
if (rising.length > 0 || result.unexpected > 0) {
  const names = rising.map(({ measure }) => measure.name).join(', ') || 'none';
  process.stderr.write(
    `expected flat lines and no unexpected status; rising: ${names}; ${result.unexpected} unexpected\n`,
  );
  process.exitCode = 1;
} else writeSection('soak', `npm run test:soak -- ${minutes}`, text);

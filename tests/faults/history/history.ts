import { setTimeout as sleep } from 'node:timers/promises';
import type { Scope } from '../../support/scope.ts';
import { type Judgement, judge } from './judgement.ts';
import { type FaultName, RANDOM_FAULTS } from './random-faults.ts';
import { describeAnswers, startRecordedLoad } from './recorded-load.ts';
import { createSeededRandom, type SeededRandom } from './seeded-random.ts';
import { startWholeSystem, type WholeSystem } from './whole-system.ts';

export interface HistoryOptions {
  readonly seed: number;
  /** Which faults come, in an order that the seed decides; all of them `rounds` times. */
  readonly faults: readonly FaultName[];
  readonly rounds: number;
  /** Submissions a second. */
  readonly rate: number;
}

export interface History extends Judgement {
  readonly seed: number;
  /** What was done, with seconds since the start. */
  readonly events: readonly string[];
}

/** How long the system stays whole between two faults. */
const CALM_MS = [500, 2_500] as const;

/** Runs the whole system under load while random faults of the seed break it, then judges what came of each task. */
export async function runHistory(scope: Scope, options: HistoryOptions): Promise<History> {
  const { seed, rate } = options;
  const system = await startWholeSystem(scope);
  const startedAt = performance.now();
  const events: string[] = [];
  const note = (text: string) =>
    events.push(`${((performance.now() - startedAt) / 1_000).toFixed(1)} s: ${text}`);
  // The load draws from numbers of its own: its pace must not change the order of the faults.
  const load = startRecordedLoad(scope, system.orchestrator.url, createSeededRandom(seed + 1), rate);
  await breakAtRandom(system, createSeededRandom(seed), options, note);
  note('the faults are over');
  await load.stop();
  note(`all submissions are answered: ${describeAnswers(load)}`);
  return { ...(await judge(system, load)), seed, events };
}

async function breakAtRandom(
  system: WholeSystem,
  random: SeededRandom,
  { faults, rounds }: HistoryOptions,
  note: (text: string) => void,
): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    for (const name of random.shuffled(faults)) {
      await sleep(random.between(...CALM_MS));
      note(`${name} …`);
      note(await RANDOM_FAULTS[name](system, random));
    }
  }
}

/** For a run that broke a promise. */
export function describeHistory({ seed, events, violations, figures }: History): string {
  return [`seed ${seed}`, ...events, JSON.stringify(figures), ...violations.slice(0, 30)].join('\n');
}

import { sumSamples } from '../../support/http.ts';
import type { Evidence, Judgement } from './judgement.ts';
import type { RecordedLoad } from './recorded-load.ts';
import type { FaultedService, Life, WholeSystem } from './whole-system.ts';

/*
 * Counters live in their process. Those of a process that still runs must be exact. One that a fault ended counted until
 * its end, but was read for the last time before: the difference is named `unreported`. It is at most what the handlers
 * of that process noted, or what the client was told, beyond the last reading.
 */

interface Comparison {
  readonly name: string;
  /** What the history says. */
  readonly happened: number;
  /** What the counters of all processes say, as read last. */
  readonly counted: number;
  /** How much of it the processes that have ended may not have reported. */
  readonly mayBeMissing: number;
}

export function judgeCounters(system: WholeSystem, load: RecordedLoad, evidence: Evidence): Judgement {
  const comparisons = [...compareWorkers(system, evidence), compareOrchestrator(system, load)];
  const tasks = [...evidence.tasks.values()];
  const accepted = sumOf([system.orchestrator], 'asdlc_events_enqueued_total', { result: 'accepted' });
  return {
    figures: Object.fromEntries(
      comparisons.flatMap(({ name, happened, counted }) => [
        [`${name} counted`, counted],
        [`${name} unreported`, happened - counted],
      ]),
    ),
    violations: [
      ...comparisons.flatMap(({ name, happened, counted, mayBeMissing }) =>
        counted <= happened && happened - counted <= mayBeMissing
          ? []
          : [`${name}: ${happened} happened, ${counted} were counted, ${mayBeMissing} may be unreported`],
      ),
      ...(accepted <= tasks.length
        ? []
        : [`${accepted} were counted as accepted; there are ${tasks.length} tasks`]),
    ],
  };
}

function compareWorkers({ workers }: WholeSystem, evidence: Evidence): Comparison[] {
  const tasks = [...evidence.tasks.values()];
  const ended = tasks.filter(({ status }) => status === 'completed' || status === 'dead');
  const dead = ended.filter(({ status }) => status === 'dead').length;
  const processed = (status: string) => sumOf(workers, 'asdlc_events_processed_total', { status });
  const deadCounted = sumOf(workers, 'asdlc_events_dead_total');
  const retries = sumOf(workers, 'asdlc_event_retries_total');
  const retried = ended.reduce((sum, task) => sum + Math.max(0, task.attempts - 1), 0);
  const missingEnds = notReported(workers, evidence.ends, (life) => processedBy(life, 'success'));
  const missingFails = notReported(workers, evidence.fails, (life) => processedBy(life, 'failed'));
  const completed = ended.length - dead;
  return [
    { name: 'completed', happened: completed, counted: processed('success'), mayBeMissing: missingEnds },
    { name: 'dead', happened: dead, counted: deadCounted, mayBeMissing: missingFails },
    { name: 'retries', happened: retried, counted: retries, mayBeMissing: missingFails },
  ];
}

/** The counter of submissions rises as the answer is sent; the client notes it up to so much later. */
const ANSWER_LAG_MS = 1_000;

/** Every 202 that the client got was counted as accepted or as a duplicate. */
function compareOrchestrator(
  { orchestrator }: WholeSystem,
  { submissions, answers }: RecordedLoad,
): Comparison {
  const counted = ['accepted', 'duplicate'].reduce(
    (sum, result) => sum + sumOf([orchestrator], 'asdlc_events_enqueued_total', { result }),
    0,
  );
  const happened = submissions.reduce((sum, { ids }) => sum + ids.length, 0);
  const mayBeMissing = orchestrator.lives.reduce((sum, { ended, scrapedAtMs }) => {
    const isLate = ({ atMs }: { atMs: number }) =>
      ended !== undefined && atMs >= scrapedAtMs - ANSWER_LAG_MS && atMs <= ended.atMs + ANSWER_LAG_MS;
    return sum + answers.filter(isLate).reduce((tasks, answer) => tasks + answer.tasks, 0);
  }, 0);
  return { name: '202', happened, counted, mayBeMissing };
}

const sumOf = (services: readonly FaultedService[], name: string, labels: Record<string, string> = {}) =>
  services
    .flatMap(({ lives }) => lives)
    .reduce((sum, { exposition }) => sum + sumSamples(exposition, name, labels), 0);

const processedBy = ({ exposition }: Life, status: string) =>
  sumSamples(exposition, 'asdlc_events_processed_total', { status });

/** What handlers of ended processes noted, less what these processes reported. */
function notReported(
  workers: readonly FaultedService[],
  notes: Evidence['ends'],
  reported: (life: Life) => number,
): number {
  const pids = [...notes.values()].flat();
  const ended = workers.flatMap(({ lives }) => lives).filter(({ ended }) => ended !== undefined);
  return ended.reduce((sum, life) => {
    const noted = pids.filter((pid) => pid === life.server.child.pid).length;
    return sum + Math.max(0, noted - reported(life));
  }, 0);
}

import * as client from '@prometheus-io/client';
import * as promClient from 'prom-client';
import { Histogram } from '../src/infrastructure/metrics/instruments/histogram.ts';
import { MetricsRegistry } from '../src/infrastructure/metrics/registry.ts';
import { alternate } from './measure.ts';
import { formatTable, PEER, type Row } from './report.ts';

/* How long a scrape blocks everything else: the longest time between two turns of the event loop. */

const ROUNDS = 9;
const LINES_A_SERIES = 14;

const options = { help: 'Duration.', labelNames: ['service', 'method', 'endpoint'] as const };

interface Candidate {
  observe(labels: Readonly<Record<'service' | 'method' | 'endpoint', string>>, value: number): void;
  render(): Promise<unknown>;
}

/** Each candidate has one histogram. */
function createCandidates(): Record<'asdlc' | '@prometheus-io/client' | 'prom-client', Candidate> {
  const ours = new MetricsRegistry();
  const ourHistogram = new Histogram({ name: 'h_seconds', ...options, maxSeries: 1e6, registers: [ours] });
  const theirs = new client.Registry();
  const theirHistogram = new client.Histogram({ name: 'h_seconds', ...options, registers: [theirs] });
  const older = new promClient.Registry();
  const olderHistogram = new promClient.Histogram({ name: 'h_seconds', ...options, registers: [older] });
  return {
    asdlc: { observe: (labels, value) => ourHistogram.observe(labels, value), render: () => ours.render() },
    [PEER]: {
      observe: (labels, value) => theirHistogram.observe(labels, value),
      render: () => theirs.metrics(),
    },
    'prom-client': {
      observe: (labels, value) => olderHistogram.observe(labels, value),
      render: () => older.metrics(),
    },
  };
}

/** Returns the longest time, in milliseconds, between two turns of the event loop while the work runs. */
async function longestHoldMs(work: () => Promise<unknown>): Promise<number> {
  let longestMs = 0;
  let lastMs = performance.now();
  let isDone = false;
  const watching = new Promise<void>((resolve) => {
    const turn = () => {
      const nowMs = performance.now();
      longestMs = Math.max(longestMs, nowMs - lastMs);
      lastMs = nowMs;
      if (isDone) resolve();
      else setImmediate(turn);
    };
    setImmediate(turn);
  });
  await work();
  isDone = true;
  await watching;
  return longestMs;
}

async function measure(lines: number, target: string): Promise<Row> {
  const candidates = createCandidates();
  const labelSets = Array.from({ length: Math.ceil(lines / LINES_A_SERIES) }, (_, i) => ({
    service: 'orchestrator',
    method: ['GET', 'POST', 'PUT', 'DELETE'][i & 3] ?? '',
    endpoint: `/api/items/${i >> 2}/parts`,
  }));
  const hold = ({ observe, render }: Candidate) => {
    return async () => {
      labelSets.forEach((labels, i) => {
        observe(labels, (i % 100) / 20);
      });
      globalThis.gc?.(); // so that no candidate pays for the garbage of the one before
      return longestHoldMs(render);
    };
  };
  const measured = await alternate(
    {
      asdlc: hold(candidates.asdlc),
      [PEER]: hold(candidates[PEER]),
      'prom-client': hold(candidates['prom-client']),
    },
    ROUNDS,
  );
  return { what: `${lines.toLocaleString('en')} lines`, measured, target };
}

const rows = [await measure(1_000, ''), await measure(10_000, ''), await measure(100_000, '≤ 5 ms')];
process.stdout.write(`${formatTable('longest hold in ms', rows)}
All series changed since the previous scrape. asdlc renders in slices of 2 ms.
`);

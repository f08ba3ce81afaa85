import cluster from 'node:cluster';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ClusterRegistry } from '@prometheus-io/client';
import { Counter, Gauge, Histogram } from '../../src/infrastructure/metrics/instruments.ts';
import { MetricsRegistry } from '../../src/infrastructure/metrics/registry.ts';

/*
 * A cluster of two workers, each with our instruments in a MetricsRegistry, put together by the client's
 * ClusterRegistry. The primary prints the text of all and ends.
 */

async function runPrimary(): Promise<void> {
  cluster.setupPrimary({ exec: fileURLToPath(import.meta.url) });
  const aggregate = new ClusterRegistry();
  const workers = [cluster.fork({ SHARE: '1' }), cluster.fork({ SHARE: '2' })];
  const counted = await Promise.all(
    workers.map((worker) => once(worker, 'message', { signal: AbortSignal.timeout(10_000) })),
  );
  if (counted.length !== 2) throw new Error('expected a word of both workers');
  // The workers announce themselves to the registry, and then send their word that they have counted.
  process.stdout.write(await aggregate.clusterMetrics());
  for (const worker of workers) worker.disconnect();
}

function runWorker(): void {
  const registry = new MetricsRegistry();
  const share = Number(process.env.SHARE);
  const options = { help: 'Help.', labelNames: ['kind'] as const, registers: [registry] };
  new Counter({ name: 'jobs_total', ...options }).inc({ kind: 'a|"b"' }, share);
  new Gauge({ name: 'depth', ...options, aggregator: 'max' }).set({ kind: 'a' }, share);
  new Histogram({ name: 'size_bytes', ...options, buckets: [1] }).observe({ kind: 'a' }, share);
  new ClusterRegistry();
  ClusterRegistry.setRegistries(registry as never); // its type leaves content types open, ours follows the client's
  process.send?.('counted');
}

if (cluster.isPrimary) await runPrimary();
else runWorker();

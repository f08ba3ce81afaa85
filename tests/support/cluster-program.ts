import cluster from 'node:cluster';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { ClusterRegistry, WorkerRegistry } from '@prometheus-io/client';
import { Counter, Gauge, Histogram, MetricsRegistry } from '../../src/infrastructure/metrics/index.ts';
import { until } from './until.ts';

/*
 * Two processes (`cluster`) or two threads (`threads`), each with a registry of its own. The first process prints
 * the client's aggregation of both.
 */

function countAs(part: number): MetricsRegistry {
  const registry = new MetricsRegistry();
  const registers = [registry];
  const jobs = new Counter({ name: 'jobs_total', help: 'Jobs.', labelNames: ['kind'], registers });
  const seconds = new Histogram({ name: 'job_seconds', help: 'Time.', buckets: [1, 2], registers });
  const queue = new Gauge({ name: 'queue_size', help: 'Size.', aggregator: 'max', registers });
  jobs.labels('a"\n\\b').inc(part);
  jobs.inc({ kind: `only ${part}` });
  for (let i = 0; i < part; i++) seconds.observe(1.5);
  queue.set(part * 10);
  return registry;
}

async function runCluster(): Promise<void> {
  if (cluster.isWorker) {
    ClusterRegistry.setRegistries(countAs(Number(process.env.PART)));
    new ClusterRegistry();
    process.send?.('counted');
    return;
  }
  const registry = new ClusterRegistry();
  const workers = [1, 2].map((part) => cluster.fork({ PART: String(part) }));
  await Promise.all(workers.map((worker) => counted(worker)));
  process.stdout.write(await registry.clusterMetrics());
  for (const worker of workers) worker.kill();
}

async function runThreads(): Promise<void> {
  if (!isMainThread) {
    WorkerRegistry.setRegistries(countAs((workerData as { part: number }).part)); // set below
    new WorkerRegistry();
    parentPort?.postMessage('counted');
    parentPort?.once('message', () => process.exit());
    return;
  }
  const registry = new WorkerRegistry();
  const threads = [1, 2].map(
    (part) => new Worker(import.meta.filename, { argv: ['threads'], workerData: { part } }),
  );
  await Promise.all(threads.map((thread) => counted(thread)));
  // The client's registry hears of a thread some turns after the thread's own message has come.
  let text = '';
  await until('both threads are known', async () => {
    text = await registry.workerMetrics();
    return text.includes('only 1') && text.includes('only 2');
  });
  process.stdout.write(text);
  for (const thread of threads) thread.postMessage('end');
}

/** Resolves when the worker has counted. The client's own messages use the same channel. */
function counted(from: NodeJS.EventEmitter): Promise<void> {
  return new Promise((resolve) => {
    from.on('message', (message) => {
      if (message === 'counted') resolve();
    });
  });
}

await (process.argv[2] === 'threads' ? runThreads() : runCluster());

import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { Counter, WorkerRegistry } from '@prometheus-io/client';

const registry = new WorkerRegistry();
if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url));
  worker.once('message', async () => {
    console.log(await registry.workerMetrics());
    process.exit(0);
  });
} else {
  new Counter({ name: 'jobs_total', help: 'Jobs.' }).inc(3);
  setTimeout(() => parentPort.postMessage('counted'), 300);
  setTimeout(() => undefined, 60_000);
}

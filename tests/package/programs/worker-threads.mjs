import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { Counter, WorkerRegistry } from '@prometheus-io/client';

const registry = new WorkerRegistry();
if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url));
  worker.once('message', async () => {
    let text = '';
    while (!text.includes('jobs_total 3')) text = await registry.workerMetrics(); // until the thread replies
    console.log(text);
    process.exit(0);
  });
} else {
  new Counter({ name: 'jobs_total', help: 'Jobs.' }).inc(3);
  parentPort.postMessage('counted');
  setTimeout(() => undefined, 60_000);
}

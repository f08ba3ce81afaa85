const cluster = require('node:cluster');
const { AggregatorRegistry, Counter, Gauge, Histogram } = require('@prometheus-io/client');

async function serve() {
  const aggregator = new AggregatorRegistry();
  let ready = 0;
  cluster.on('message', async (_, message) => {
    if (message !== 'counted') return;
    ready += 1;
    if (ready < 2) return;
    let text = '';
    while (!text.includes('jobs_total{kind="a"} 4')) text = await aggregator.clusterMetrics(); // until both reply
    console.log(text);
    for (const worker of Object.values(cluster.workers)) worker.kill();
  });
  for (let i = 0; i < 2; i += 1) cluster.fork();
}

function work() {
  new AggregatorRegistry();
  const labelNames = ['kind'];
  new Counter({ name: 'jobs_total', help: 'Jobs.', labelNames }).inc({ kind: 'a' }, 2);
  new Gauge({ name: 'workers', help: 'Workers.', aggregator: 'max' }).set(cluster.worker.id);
  new Histogram({ name: 'h', help: 'H.', buckets: [1] }).observe(0.5);
  process.send('counted');
}

if (cluster.isPrimary) serve();
else work();

import { Counter, Gauge, register } from '@prometheus-io/client';

new Gauge({
  name: 'depth',
  help: 'Depth.',
  labelNames: ['queue'],
  async collect() {
    await new Promise((resolve) => setTimeout(resolve, 5));
    this.set({ queue: 'mail' }, 3);
  },
});
let calls = 0;
const gauge = new Gauge({ name: 'calls', help: 'Calls.', collect: () => gauge.set(++calls) });
new Counter({
  name: 'reads_total',
  help: 'Reads.',
  collect() {
    this.inc();
  },
});
await register.metrics();
console.log(await register.metrics());

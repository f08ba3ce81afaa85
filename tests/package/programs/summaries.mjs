import { register, Summary } from '@prometheus-io/client';

const summary = new Summary({
  name: 'size_bytes',
  help: 'Size.',
  labelNames: ['kind'],
  percentiles: [0.5, 0.99],
  maxAgeSeconds: 600,
  ageBuckets: 5,
});
for (let size = 1; size <= 100; size += 1) summary.observe({ kind: 'a' }, size);
summary.labels('b').observe(7);
const seconds = summary.startTimer({ kind: 'c' })();
console.log(seconds >= 0 && seconds < 60);
summary.remove('c');
console.log(await register.metrics());

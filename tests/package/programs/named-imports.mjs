import { Counter, Gauge, Histogram, register, Summary } from '@prometheus-io/client';

new Counter({ name: 'c_total', help: 'C.' }).inc(5);
new Gauge({ name: 'g', help: 'G.', labelNames: ['a', 'b'] }).set({ a: 1, b: 'x' }, -3.5);
new Histogram({ name: 'h', help: 'H.', buckets: [1, 2] }).observe(1.5);
new Summary({ name: 's', help: 'S.', percentiles: [0.5] }).observe(2);
console.log(await register.metrics());

import { Gauge, Histogram, register } from '@prometheus-io/client';

const histogram = new Histogram({ name: 'h', help: 'H.', labelNames: ['a', 'b'], buckets: [60] });
const gauge = new Gauge({ name: 'g', help: 'G.', labelNames: ['a', 'b'] });
histogram.startTimer({ a: 'x' })({ b: 'y' });
histogram.startTimer()({ a: 'x', b: 'y' });
histogram.labels('x', 'y').startTimer()();
histogram.labels({ a: 'x', b: 'y' }).startTimer()({ b: 'z' });
gauge.startTimer({ a: 'x' })({ b: 'y' });
gauge.labels('x', 'y').startTimer()();
gauge.setToCurrentTime({ a: 'now', b: 'now' });
gauge.labels('now', 'now').setToCurrentTime();
const text = await register.metrics();
console.log(text.replace(/^((?:h_sum|g)\S*) \S+$/gm, '$1'));

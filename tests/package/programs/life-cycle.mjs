import { Counter, Gauge, Histogram, register } from '@prometheus-io/client';

const counter = new Counter({ name: 'c_total', help: 'C.', labelNames: ['a'] });
const gauge = new Gauge({ name: 'g', help: 'G.' });
const histogram = new Histogram({ name: 'h', help: 'H.', labelNames: ['a'], buckets: [1] });
counter.inc({ a: 'one' });
counter.inc({ a: 'two' });
counter.remove('one');
counter.remove({ a: 'absent' });
histogram.zero({ a: 'zero' });
gauge.inc(3);
console.log(await register.metrics());
console.log(register.getSingleMetric('c_total') === counter, register.getSingleMetric('absent'));
register.resetMetrics();
console.log(await register.metrics());
register.removeSingleMetric('g');
console.log(register.getMetricsAsArray().length);
register.clear();
console.log(register.getMetricsAsArray().length);

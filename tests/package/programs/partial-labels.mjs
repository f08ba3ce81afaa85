import { Counter, Gauge, Histogram, register } from '@prometheus-io/client';

const labelNames = ['method', 'route'];
const counter = new Counter({ name: 'c_total', help: 'C.', labelNames });
counter.inc();
counter.inc({ method: 'GET' });
counter.inc({ method: 'GET', route: undefined });
new Gauge({ name: 'g', help: 'G.', labelNames }).set(4);
const histogram = new Histogram({ name: 'h', help: 'H.', labelNames, buckets: [1] });
histogram.observe({ route: '/' }, 0.5);
histogram.observe(2);
console.log(await register.metrics());

import { Counter, Histogram, Registry } from '@prometheus-io/client';

const registry = new Registry(Registry.OPENMETRICS_CONTENT_TYPE);
const options = { labelNames: ['code'], enableExemplars: true, registers: [registry] };
const counter = new Counter({ name: 'requests_total', help: 'R.', ...options });
counter.inc({ labels: { code: 200 }, value: 1, exemplarLabels: { trace_id: 'abc' } });
const histogram = new Histogram({ name: 'h_seconds', help: 'H.', buckets: [1, 2], ...options });
histogram.observe({ labels: { code: 200 }, value: 1.5, exemplarLabels: { trace_id: 'def' } });
const end = histogram.startTimer({ code: 500 }, { trace_id: 'ghi' });
console.log(end() >= 0);
console.log(registry.contentType);
const lines = (await registry.metrics()).split('\n').filter((line) => line.includes(' # '));
console.log(lines.map((line) => line.replace(/ \S+ # (\{.*\}) .*$/, ' # $1')).join('\n'));

import { Counter, Gauge, Registry } from '@prometheus-io/client';

const registry = new Registry();
registry.setDefaultLabels({ service: 'shop', zone: 1 });
const counter = new Counter({ name: 'c_total', help: 'C.', labelNames: ['a'], registers: [registry] });
counter.inc({ a: 'quote " slash \\ line\n' });
registry.registerMetric(new Gauge({ name: 'g', help: 'Two\nlines \\.', registers: [] }));
console.log(registry.contentType, registry instanceof Registry);
console.log(await registry.metrics());
console.log(await registry.getSingleMetricAsString('c_total'));
for (const { name, help, type, aggregator, values } of await registry.getMetricsAsJSON()) {
  console.log(name, JSON.stringify(help), type, aggregator);
  for (const { value, labels } of values) console.log(value, JSON.stringify(Object.entries(labels).sort()));
}

import { Counter, Gauge, Registry, register } from '@prometheus-io/client';

const other = new Registry();
new Counter({ name: 'a_total', help: 'A.' }).inc();
new Gauge({ name: 'b', help: 'B.', registers: [other] }).set(2);
new Gauge({ name: 'both', help: 'Both.', registers: [register, other] }).set(3);
register.removeSingleMetric('both');
const merged = Registry.merge([register, other]);
console.log(merged instanceof Registry, await merged.metrics());
const openMetrics = new Registry(Registry.OPENMETRICS_CONTENT_TYPE);
try {
  Registry.merge([other, openMetrics]);
} catch (error) {
  console.log(error.message);
}

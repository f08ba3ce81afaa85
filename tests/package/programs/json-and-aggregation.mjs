import { Counter, Gauge, Histogram, Registry } from '@prometheus-io/client';

const parts = [];
for (const value of [1, 2]) {
  const registers = [new Registry()];
  new Counter({ name: 'c_total', help: 'C.', labelNames: ['a'], registers }).inc({ a: 'x' }, value);
  new Gauge({ name: 'max', help: 'M.', aggregator: 'max', registers }).set(value);
  new Gauge({ name: 'omitted', help: 'O.', aggregator: 'omit', registers }).set(value);
  new Histogram({ name: 'h', help: 'H.', buckets: [1], registers }).observe(value);
  parts.push(JSON.parse(JSON.stringify(await registers[0].getMetricsAsJSON())));
}
console.log(
  JSON.stringify(parts[0].map(({ name, type, help, aggregator }) => [name, type, help, aggregator])),
);
console.log(await Registry.aggregate(parts).metrics());

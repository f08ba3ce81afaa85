import * as everything from '@prometheus-io/client';
import client, {
  type CounterConfiguration,
  type LabelValues,
  type OpenMetricsContentType,
} from '@prometheus-io/client';

/** What a company's own package looks like: generic, with inferred and exported types. */
export const registry = new client.Registry<OpenMetricsContentType>();
export const counters = {
  jobs: new client.Counter({
    name: 'jobs',
    help: 'Jobs.',
    labelNames: ['kind'] as const,
    registers: [registry],
  }),
};
export function createCounter<T extends string>(options: CounterConfiguration<T>): client.Counter<T> {
  return new client.Counter<T>({ ...options, registers: [registry] });
}
export class Depth extends everything.Gauge<'queue'> {
  setDepth(depth: number): void {
    this.set({ queue: 'mail' }, depth);
  }
}
export const collected = new everything.Gauge({
  name: 'collected',
  help: 'Collected.',
  registers: [registry],
  collect() {
    this.set(2);
  },
});
const labels: LabelValues<'kind'> = { kind: 'b' };
const created = createCounter({ name: 'created', help: 'Created.', labelNames: ['kind'] });
created.inc(labels, 4);
const child: client.Counter.Internal = counters.jobs.labels({ kind: 'a' });
child.inc();
registry.metrics().then(async (text) => {
  console.log(text);
  const { values } = await created.get();
  console.log(values.map(({ value }) => value));
});

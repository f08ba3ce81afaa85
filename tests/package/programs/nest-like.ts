import { Counter, Gauge, Histogram, type Metric, type Registry, register } from '@prometheus-io/client';

class RequestMetrics {
  private total: Counter;
  private readonly inFlight: Gauge<string>;
  constructor(
    private readonly duration: Histogram<'method' | 'route'>,
    private readonly registry: Registry = register,
  ) {
    this.total = new Counter({ name: 'requests_total', help: 'Requests.', labelNames: ['method'] });
    this.inFlight = new Gauge({ name: 'in_flight', help: 'In flight.', labelNames: ['method'] });
  }
  async intercept(method: string, route = '/users/:id'): Promise<void> {
    const end = this.duration.startTimer({ method });
    this.inFlight.inc({ method });
    this.total.labels(method).inc();
    await Promise.resolve();
    this.inFlight.dec({ method });
    end({ route });
  }
  async text(): Promise<string> {
    return this.registry.metrics();
  }
}

const metricOf = (name: string): Metric<string> | undefined => register.getSingleMetric(name);
const duration = new Histogram({
  name: 'duration_seconds',
  help: 'Duration.',
  labelNames: ['method', 'route'],
  buckets: [60],
});
const metrics = new RequestMetrics(duration);
metrics
  .intercept('GET', '/')
  .then(() => metrics.intercept('GET'))
  .then(() => metrics.text())
  .then((text) => {
    console.log(text.replace(/^(duration_seconds_sum\S*) \S+$/gm, '$1'));
    console.log(
      metricOf('in_flight') !== undefined,
      (register.getSingleMetric('requests_total') as Counter<string>) !== undefined,
    );
  });

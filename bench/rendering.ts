import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import * as client from '@prometheus-io/client';
import * as promClient from 'prom-client';
import { Histogram } from '../src/infrastructure/metrics/instruments.ts';
import { MetricsRegistry } from '../src/infrastructure/metrics/registry.ts';
import { alternate, durationMs } from './measure.ts';
import { formatTable, PEER, type Row } from './report.ts';

/* What a scrape costs: the text of 10,000 lines of one histogram, 714 series of 14 lines. */

const ROUNDS = 25;
const SERIES = 714;
const options = {
  name: 'http_request_duration_seconds',
  help: 'Time from the arrival of an HTTP request to the end of its response.',
  labelNames: ['service', 'method', 'endpoint'] as const,
};
const labelSets = Array.from({ length: SERIES }, (_, i) => ({
  service: 'orchestrator',
  method: ['GET', 'POST', 'PUT', 'DELETE'][i & 3] ?? '',
  endpoint: `/api/items/${i >> 2}/parts`,
}));

const ourRegistry = new MetricsRegistry();
const ours = new Histogram({ ...options, registers: [ourRegistry] });
const theirRegistry = new client.Registry();
const theirs = new client.Histogram({ ...options, registers: [theirRegistry] });
const olderRegistry = new promClient.Registry();
const older = new promClient.Histogram({ ...options, registers: [olderRegistry] });
const exporter = new PrometheusExporter({ preventServerStart: true });
const serializer = new PrometheusSerializer();
const otel = new MeterProvider({ readers: [exporter] }).getMeter('bench').createHistogram(options.name, {
  advice: { explicitBucketBoundaries: Array.from(ours.bounds) },
});

let observations = 0;

/** Observes durations of 2 ms to 7 s in every `step`th series of all candidates. */
function observe(step: number): void {
  for (let i = observations % step; i < SERIES; i += step) {
    const labels = labelSets[i];
    const duration = Math.exp(((observations++ * 619) % 1024) / 128 - 6);
    if (labels === undefined) continue;
    ours.observe(labels, duration);
    theirs.observe(labels, duration);
    older.observe(labels, duration);
    otel.record(duration, labels);
  }
}

async function renderOtel(): Promise<string> {
  const { resourceMetrics } = await exporter.collect();
  return serializer.serialize(resourceMetrics);
}

/** Milliseconds of one rendering, each candidate's after observations of its own round. */
async function measure(what: string, step: number, target: string): Promise<Row> {
  const after = (render: () => unknown) => () => {
    if (step > 0) observe(step);
    return durationMs(render);
  };
  const measured = await alternate(
    {
      asdlc: after(() => ourRegistry.render()),
      [PEER]: after(() => theirRegistry.metrics()),
      'prom-client': after(() => olderRegistry.metrics()),
      OpenTelemetry: after(renderOtel),
      'copy of the body': after(() => Buffer.from(body)),
    },
    ROUNDS,
  );
  return { what, measured, target };
}

/** The first rendering: every line is new. */
function renderAnew(): unknown {
  return MetricsRegistry.merge([ourRegistry]).render();
}

for (let round = 0; round < 10; round += 1) observe(1);
const { body } = await ourRegistry.render();
const lines = body.toString().split('\n').length - 1;
const first = await alternate(
  { asdlc: () => durationMs(renderAnew), [PEER]: () => durationMs(() => theirRegistry.metrics()) },
  ROUNDS,
);
const rows = [
  await measure('all series changed', 1, '≥ 12 ×'),
  await measure('1 % of the series changed', 100, '≥ 40 ×'),
  await measure('nothing changed', 0, ''),
  { what: 'first rendering', measured: first },
];
process.stdout.write(`${formatTable(`ms for ${lines.toLocaleString('en')} lines, ${Math.round(body.length / 1000).toLocaleString('en')} kB`, rows)}
Each rendering of ours answers a new Buffer, those of the others a string that has yet to be encoded.
`);

import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import * as client from '@prometheus-io/client';
import * as promClient from 'prom-client';
import { Counter } from '../src/infrastructure/metrics/instruments/counter.ts';
import { Histogram } from '../src/infrastructure/metrics/instruments/histogram.ts';
import { alternate, type Measured, perCall } from './measure.ts';
import { formatTable, PEER, type Row } from './report.ts';

/* What a call costs: on a bound child, and with a label object. */

const ROUNDS = 25;
const FAST_CALLS = 200_000;
const CALLS = 20_000;

const labelNames = ['method', 'endpoint', 'status'] as const;
/** One string for each route, as a router has them. */
const routes = Array.from({ length: 16 }, (_, i) => `/api/items/${i}/parts`);
const labelSets = Array.from({ length: 256 }, (_, i) => ({
  method: ['GET', 'POST', 'PUT', 'DELETE'][i & 3] ?? '',
  endpoint: routes[(i >> 2) & 15] ?? '',
  status: ['200', '400', '404', '500'][i >> 6] ?? '',
}));
const one = labelSets[12] ?? { method: '', endpoint: '', status: '' };
/** Durations from 2 ms to 7 s, spread evenly over their logarithm. */
const durations = Float64Array.from({ length: 1024 }, (_, i) => Math.exp(((i * 619) % 1024) / 128 - 6));
const shuffled = Uint8Array.from({ length: 4096 }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 24);

const counterOptions = { name: 'c_total', help: 'C.', labelNames, registers: [] };
const histogramOptions = { name: 'h', help: 'H.', labelNames, registers: [] };
const ours = { counter: new Counter(counterOptions), histogram: new Histogram(histogramOptions) };
const theirs = {
  counter: new client.Counter(counterOptions),
  histogram: new client.Histogram(histogramOptions),
};
const older = {
  counter: new promClient.Counter(counterOptions),
  histogram: new promClient.Histogram(histogramOptions),
};
// Without a reader, OpenTelemetry counts nothing.
const meter = new MeterProvider({ readers: [new PrometheusExporter({ preventServerStart: true })] }).getMeter(
  'bench',
);
const otel = { counter: meter.createCounter('c'), histogram: meter.createHistogram('h') };

function labelsAt(i: number) {
  return labelSets[shuffled[i & 4095] ?? 0] ?? one;
}

function durationAt(i: number): number {
  return durations[i & 1023] ?? 0;
}

type Loops = Readonly<
  Record<'asdlc' | '@prometheus-io/client' | 'prom-client' | 'OpenTelemetry', () => number>
>;

async function measure(what: string, target: string, loops: Loops): Promise<Row> {
  return { what, target, measured: await alternate(loops, ROUNDS) };
}

/** Each candidate has a loop of its own: V8 makes a call slower in a loop that calls several classes. */
function boundInc(): Loops {
  const [a, b, c] = [ours.counter.labels(one), theirs.counter.labels(one), older.counter.labels(one)];
  // biome-ignore format: one loop a line
  return {
    asdlc: () => perCall(FAST_CALLS, (n) => { for (let i = 0; i < n; i += 1) a.inc(); }),
    [PEER]: () => perCall(CALLS, (n) => { for (let i = 0; i < n; i += 1) b.inc(); }),
    'prom-client': () => perCall(CALLS, (n) => { for (let i = 0; i < n; i += 1) c.inc(); }),
    OpenTelemetry: () => perCall(CALLS, (n) => { for (let i = 0; i < n; i += 1) otel.counter.add(1, one); }),
  };
}

function boundObserve(): Loops {
  const [a, b, c] = [ours.histogram.labels(one), theirs.histogram.labels(one), older.histogram.labels(one)];
  // biome-ignore format: one loop a line
  return {
    asdlc: () => perCall(FAST_CALLS, (n) => { for (let i = 0; i < n; i += 1) a.observe(durationAt(i)); }),
    [PEER]: () => perCall(CALLS, (n) => { for (let i = 0; i < n; i += 1) b.observe(durationAt(i)); }),
    'prom-client': () => perCall(CALLS, (n) => { for (let i = 0; i < n; i += 1) c.observe(durationAt(i)); }),
    OpenTelemetry: () => perCall(CALLS, (n) => { for (let i = 0; i < n; i += 1) otel.histogram.record(durationAt(i), one); }),
  };
}

function incWithSameLabels(): Loops {
  // biome-ignore format: one loop a line
  return {
    asdlc: () => perCall(CALLS * 5, (n) => { for (let i = 0; i < n; i += 1) ours.counter.inc(one); }),
    [PEER]: () => perCall(CALLS, (n) => { for (let i = 0; i < n; i += 1) theirs.counter.inc(one); }),
    'prom-client': () => perCall(CALLS, (n) => { for (let i = 0; i < n; i += 1) older.counter.inc(one); }),
    OpenTelemetry: () => perCall(CALLS, (n) => { for (let i = 0; i < n; i += 1) otel.counter.add(1, one); }),
  };
}

function incWithAnyLabels(): Loops {
  // biome-ignore format: one loop a line
  return {
    asdlc: () => perCall(CALLS * 5, (n) => { for (let i = 0; i < n; i += 1) ours.counter.inc(labelsAt(i)); }),
    [PEER]: () => perCall(CALLS, (n) => { for (let i = 0; i < n; i += 1) theirs.counter.inc(labelsAt(i)); }),
    'prom-client': () => perCall(CALLS, (n) => { for (let i = 0; i < n; i += 1) older.counter.inc(labelsAt(i)); }),
    OpenTelemetry: () => perCall(CALLS, (n) => { for (let i = 0; i < n; i += 1) otel.counter.add(1, labelsAt(i)); }),
  };
}

function observeWithLabels(): Loops {
  // biome-ignore format: one loop a line
  return {
    asdlc: () => perCall(CALLS * 5, (n) => { for (let i = 0; i < n; i += 1) ours.histogram.observe(one, durationAt(i)); }),
    [PEER]: () => perCall(CALLS, (n) => { for (let i = 0; i < n; i += 1) theirs.histogram.observe(one, durationAt(i)); }),
    'prom-client': () => perCall(CALLS, (n) => { for (let i = 0; i < n; i += 1) older.histogram.observe(one, durationAt(i)); }),
    OpenTelemetry: () => perCall(CALLS, (n) => { for (let i = 0; i < n; i += 1) otel.histogram.record(durationAt(i), one); }),
  };
}

/** The least that counting costs in JavaScript: adding to one number of a typed array. */
function rawSlot() {
  const child = ours.counter.labels(one);
  const values = new Float64Array(512);
  const slot = shuffled[0] ?? 0;
  // biome-ignore format: one loop a line
  return {
    asdlc: () => perCall(FAST_CALLS, (n) => { for (let i = 0; i < n; i += 1) child.inc(); }),
    slot: () => perCall(FAST_CALLS, (n) => { for (let i = 0; i < n; i += 1) values[slot] = (values[slot] as number) + 1; }),
  };
}

/**
 * The parts of a call with a label object: the look-ups that no library in JavaScript can leave out, and the same after a
 * look at the object's names, which may be others.
 */
function randomLabels() {
  const idsOf = (label: (typeof labelNames)[number]) =>
    new Map(labelSets.map((labels, index) => [labels[label], index]));
  const [methods, endpoints, statuses] = [idsOf('method'), idsOf('endpoint'), idsOf('status')];
  const values = new Float64Array(512);
  const idsByPosition = [methods, endpoints, statuses];
  const lookUpChecked = (labels: typeof one) => {
    let position = 0;
    let sum = 0;
    for (const name in labels) {
      if (name !== labelNames[position]) return 0;
      const id = idsByPosition[position]?.get(labels[name as keyof typeof one]); // one of its own names
      if (id === undefined) return 0;
      sum += id;
      position += 1;
    }
    return position === labelNames.length ? sum : 0;
  };
  const lookUp = (labels: typeof one) =>
    (methods.get(labels.method) as number) +
    (endpoints.get(labels.endpoint) as number) +
    (statuses.get(labels.status) as number); // each map has all values of its label
  // biome-ignore format: one loop a line
  return {
    asdlc: () => perCall(CALLS * 5, (n) => { for (let i = 0; i < n; i += 1) ours.counter.inc(labelsAt(i)); }),
    checked: () => perCall(CALLS * 5, (n) => { for (let i = 0; i < n; i += 1) { const at = lookUpChecked(labelsAt(i)) & 511; values[at] = (values[at] as number) + 1; } }),
    maps: () => perCall(CALLS * 5, (n) => { for (let i = 0; i < n; i += 1) { const at = lookUp(labelsAt(i)) & 511; values[at] = (values[at] as number) + 1; } }),
  };
}

const rows = [
  await measure('inc of a bound child', '≥ 40 ×', boundInc()),
  await measure('observe of a bound child, 11 buckets', '≥ 40 ×', boundObserve()),
  await measure('inc with a label object of 3, the same each time', '≥ 8 ×', incWithSameLabels()),
  await measure('inc with a label object of 3, 256 sets at random', '', incWithAnyLabels()),
  await measure('observe with a label object of 3', '', observeWithLabels()),
];
const bound = await alternate(rawSlot(), ROUNDS);
const random = await alternate(randomLabels(), ROUNDS);
const randomPeer = rows[3]?.measured[PEER]?.median ?? Number.NaN;
const ns = ({ median }: Measured) => median.toFixed(median < 10 ? 2 : 1);
process.stdout.write(`${formatTable('ns a call', rows)}
OpenTelemetry has no bound instruments: it gets the attributes at each call, in all rows.

| ns in the same run | asdlc | the least possible | ratio |
| --- | ---: | ---: | ---: |
| inc of a bound child; adding 1 to a typed array's slot | ${ns(bound.asdlc)} | ${ns(bound.slot)} | ${(bound.asdlc.median / bound.slot.median).toFixed(1)} |
| inc with 256 sets at random; three look-ups in a Map and a slot | ${ns(random.asdlc)} | ${ns(random.maps)} | ${(random.asdlc.median / random.maps.median).toFixed(1)} |
| inc with 256 sets at random; the same after a look at the names of the labels | ${ns(random.asdlc)} | ${ns(random.checked)} | ${(random.asdlc.median / random.checked.median).toFixed(1)} |

With label sets at random, the values of two calls differ, and each must be found in a hash map. An object may also have other
names, so a call looks at them. Names and look-ups alone are ${(randomPeer / random.checked.median).toFixed(1)} times as fast as the client, before any series is found: a library
that takes any object gets no further. Code generated for the names of one metric could read the values without a look at the
names. asdlc makes none: a host may forbid it, and wrong labels would go unnoticed. asdlc also remembers the last value of each label.
Without that memory, labels at random take a sixth less, and the same labels twice as long. Where such calls matter, bind the
children.
`);

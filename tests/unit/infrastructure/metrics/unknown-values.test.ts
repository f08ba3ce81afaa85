import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Histogram, Registry, Summary } from '@prometheus-io/client';
import { Counter } from '../../../../src/infrastructure/metrics/instruments/counter.ts';
import { Gauge } from '../../../../src/infrastructure/metrics/instruments/gauge.ts';
import { MetricsRegistry } from '../../../../src/infrastructure/metrics/registry.ts';
import { renderText } from '../../../support/rendered.ts';
import { parseExposition } from '../../../support/strict-parser.ts';
import { warningsDuring } from '../../../support/warnings.ts';

/*
 * What is not known is not shown: each way in which a source of values can end, at the first scrape or after a good
 * one, for each kind of source, read as each kind of body.
 */

const OPENMETRICS = 'application/openmetrics-text; version=1.0.0';

type Outcome = (signal?: AbortSignal) => unknown;

/** Ends of a `collect` that fail. */
const FAILURES: Readonly<Record<string, Outcome>> = {
  throws: () => {
    throw new Error('no');
  },
  'throws null': () => {
    throw null;
  },
  'throws an object without a text': () => {
    throw Object.create(null);
  },
  rejects: () => Promise.reject(new Error('no')),
  hangs: () => new Promise(() => undefined),
  'returns a proxy that throws': () =>
    new Proxy(
      {},
      {
        get() {
          throw new Error('no');
        },
      },
    ),
};

const sample = (rest: object) => [{ value: 1, labels: {}, ...rest }];
const snapshot = (rest: object) => () => ({ name: 'm', help: 'M.', type: 'gauge', values: [], ...rest });

/** What `get()` of another library's metric may return and no scraper reads. */
const NONSENSE: Readonly<Record<string, Outcome>> = {
  undefined: () => undefined,
  null: () => null,
  'a text': () => 'm 1',
  'no values': snapshot({ values: undefined }),
  'values null': snapshot({ values: null }),
  'values that are no list': snapshot({ values: { a: 1 } }),
  'another name': snapshot({ name: 'other' }),
  'another type': snapshot({ type: 'counter' }),
  'a sample null': snapshot({ values: [null] }),
  'a value null': snapshot({ values: sample({ value: null }) }),
  'a value that is a text': snapshot({ values: sample({ value: '1' }) }),
  'labels that are a text': snapshot({ values: sample({ labels: 'a' }) }),
  'a bad label name': snapshot({ values: sample({ labels: { 'my-app': 'x' } }) }),
  'a reserved label': snapshot({ values: sample({ labels: { __name__: 'x' } }) }),
  'a label without a text': snapshot({ values: sample({ labels: { a: Object.create(null) } }) }),
  'a sample of another metric': snapshot({ values: sample({ metricName: 'other' }) }),
  'a series twice': snapshot({
    values: [...sample({ labels: { a: 1, b: 2 } }), ...sample({ labels: { b: 2, a: 1 } })],
  }),
  'a getter that throws': snapshot({
    get values() {
      throw new Error('no');
    },
  }),
};

/** A source of the gauge `m`, by kind. It does what `outcome` does now; when that is undefined, `m` is 7. */
const SOURCES: Readonly<
  Record<string, (registry: MetricsRegistry, outcome: () => Outcome | undefined) => void>
> = {
  'an own instrument': (registry, outcome) => {
    new Gauge({
      name: 'm',
      help: 'M.',
      registers: [registry],
      collect(this: Gauge) {
        this.set(7);
        return outcome()?.() as Promise<void>;
      },
    });
  },
  'a collector': (registry, outcome) => {
    const m = new Gauge({ name: 'm', help: 'M.', registers: [registry] });
    registry.addCollector({
      name: 'of m',
      metrics: [m],
      collect: (signal) => {
        m.set(7);
        return outcome()?.(signal) as Promise<void>;
      },
    });
  },
  'another library': (registry, outcome) => {
    const good = snapshot({ values: sample({ value: 7 }) });
    registry.registerMetric({ name: 'm', type: 'gauge', get: () => (outcome() ?? good)() });
  },
};

const CASES = Object.keys(SOURCES).flatMap((kind) => {
  const outcomes = kind === 'another library' ? { ...FAILURES, ...NONSENSE } : FAILURES;
  return Object.entries(outcomes).map(([name, outcome]) => ({ kind, name, outcome }));
});

/** Whether `m` is shown, with its value 7, in each kind of body. */
async function shown(registry: MetricsRegistry): Promise<boolean[]> {
  const text = await registry.render(undefined, { timeLimitMs: 15 });
  const open = await registry.render(OPENMETRICS, { timeLimitMs: 15 });
  const values = [
    parseExposition(text.body, 'text').get('m')?.samples[0]?.value,
    parseExposition(open.body, 'openmetrics').get('m')?.samples[0]?.value,
  ];
  for (const body of [text.body, open.body]) assert.match(body.toString(), /^rest_total 1$/m);
  assert.ok(values.every((value) => value === undefined || value === 7));
  return values.map((value) => value === 7);
}

/** As above, in the client's aggregation of what a process of a cluster sends. */
async function shownInCluster(registry: MetricsRegistry): Promise<boolean> {
  const sent = JSON.parse(JSON.stringify(await registry.getMetricsAsJSON()));
  const text = await Registry.aggregate([sent]).metrics();
  assert.match(text, /^rest_total 1$/m);
  return text.includes('\nm 7\n');
}

for (const first of [true, false]) {
  const when = first ? 'at the first scrape' : 'after a good one';
  test(`leaves out what is not known, and says so, ${when}`, async () => {
    for (const { kind, name, outcome } of CASES) {
      const errors: string[] = [];
      const registry = new MetricsRegistry({ onCollectorError: (source) => errors.push(source) });
      new Counter({ name: 'rest_total', help: 'R.', registers: [registry] }).inc();
      let now: Outcome | undefined = first ? outcome : undefined;
      SOURCES[kind]?.(registry, () => now);
      const label = `${kind} ${name}`;
      if (!first) {
        assert.deepEqual(await shown(registry), [true, true], label);
        now = outcome;
      }
      assert.deepEqual(await shown(registry), [false, false], label);
      assert.equal(errors.length, 2, label);
      if (name === 'hangs') continue;
      assert.equal(await shownInCluster(registry), false, label);
      now = undefined;
      assert.deepEqual(await shown(registry), [true, true], `${label}, when it works again`);
      assert.equal(await shownInCluster(registry), true, label);
    }
  });
}

test('a plain registry warns once of what it leaves out', async () => {
  const registry = new MetricsRegistry();
  SOURCES['an own instrument']?.(registry, () => FAILURES.throws);
  const warnings = await warningsDuring(async () => {
    for (let round = 0; round < 3; round += 1) await registry.metrics();
  });
  assert.deepEqual(
    warnings.filter((text) => text.startsWith('m is')),
    ['m is left out of scrapes, because its values are not known: no'],
  );
});

test('the text of one metric is empty when its values are not known, and the listener hears its name', async () => {
  const heard: string[] = [];
  const registry = new MetricsRegistry({
    onCollectorError: (name, error) => heard.push(`${name}: ${error}`),
  });
  registry.registerMetric({ name: 'broken', type: 'gauge', get: FAILURES.rejects, reset: () => undefined });
  assert.equal(await registry.getSingleMetricAsString('broken'), '');
  assert.equal(await registry.getSingleMetricAsString('none'), '');
  assert.deepEqual(heard, [
    'broken: Error: no',
    'getMetricsAsString: Error: expected a registered metric; got none',
  ]);
});

test('leaves out of a registry of the client an instrument whose collect fails', async () => {
  const theirs = new Registry();
  new Gauge({ name: 'm', help: 'M.', registers: [theirs], collect: () => Promise.reject(new Error('no')) });
  new Counter({ name: 'rest_total', help: 'R.', registers: [theirs] }).inc();
  const text = await theirs.metrics();
  assert.match(text, /^rest_total 1$/m);
  assert.doesNotMatch(text, /^m /m);
});

test('the short limit of one scrape changes nothing for another, also when the source heeds its signal', async () => {
  const registry = new MetricsRegistry();
  const gauge = new Gauge({ name: 'm', help: 'M.', registers: [registry] });
  const latch = Promise.withResolvers<void>();
  const signals: AbortSignal[] = [];
  registry.addCollector({
    name: 'slow',
    metrics: [gauge],
    async collect(signal) {
      signals.push(signal);
      const aborted = new Promise<void>((_, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason)),
      );
      await Promise.race([latch.promise, aborted]);
      gauge.set(7);
    },
  });
  const long = renderText(registry, undefined, { timeLimitMs: 10_000 });
  assert.equal(await renderText(registry, undefined, { timeLimitMs: 5 }), '');
  assert.equal(signals[0]?.aborted, false);
  latch.resolve();
  assert.match(await long, /^m 7$/m);
});

test('a scrape after an aborted run waits for a new one', async () => {
  const registry = new MetricsRegistry();
  const gauge = new Gauge({ name: 'm', help: 'M.', registers: [registry] });
  const latches = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let runs = 0;
  registry.addCollector({
    name: 'slow',
    metrics: [gauge],
    async collect(signal) {
      const latch = latches[runs];
      runs += 1;
      await latch?.promise;
      gauge.set(signal.aborted ? 0 : 7);
    },
  });
  assert.equal(await renderText(registry, undefined, { timeLimitMs: 5 }), '');
  const next = renderText(registry, undefined, { timeLimitMs: 10_000 });
  latches[0]?.resolve();
  latches[1]?.resolve();
  assert.match(await next, /^m 7$/m);
  assert.equal(runs, 2);
});

test('refuses default labels that no scraper takes, and leaves out those without a value', async () => {
  const registry = new MetricsRegistry();
  for (const name of ['le', 'quantile', 'my-app', '__name__', '', '1a', 'é']) {
    assert.throws(
      () => registry.setDefaultLabels({ [name]: 'x' }),
      /the default labels: expected label names/,
      name,
    );
  }
  registry.setDefaultLabels({ app: 'x', zone: undefined, rack: null, shard: 3 } as never);
  new Gauge({ name: 'm', help: 'M.', registers: [registry] });
  assert.match(await registry.metrics(), /^m\{app="x",shard="3"\} 0$/m);
});

test('refuses names of other libraries’ metrics that no scraper reads', () => {
  const registry = new MetricsRegistry();
  const get = () => ({});
  for (const metric of [
    { name: 'a b', type: 'gauge', get },
    { name: undefined, type: 'gauge', get },
    { name: 'm', type: 'gauge', labelNames: ['my-app'], get },
    { name: 'm', type: 'histogram', labelNames: ['le'], get },
    { name: 'm', type: 'summary', labelNames: ['quantile'], get },
  ]) {
    assert.throws(() => registry.registerMetric(metric), TypeError);
  }
});

test('a counter without _total has one name in both formats, and no exemplar', async () => {
  const registry = new MetricsRegistry();
  const counter = new Counter({ name: 'jobs', help: 'J.', enableExemplars: true, registers: [registry] });
  counter.inc({ value: 2, exemplarLabels: { trace_id: 'a' } });
  assert.match(await renderText(registry), /^# TYPE jobs counter\njobs 2$/m);
  assert.match(
    await renderText(registry, OPENMETRICS),
    /^# TYPE jobs unknown\n# HELP jobs J.\njobs 2\n# EOF$/m,
  );
});

test('leaves out a metric that has one series twice once the default labels are added', async () => {
  const registry = new MetricsRegistry({ onCollectorError: () => undefined });
  const values = [...sample({ labels: {} }), ...sample({ labels: { zone: 'z' } })];
  registry.registerMetric({ name: 'm', type: 'gauge', get: snapshot({ values }) });
  assert.match(await registry.metrics(), /^m 1$/m);
  registry.setDefaultLabels({ zone: 'z' });
  assert.equal(await registry.metrics(), '');
});

test('refuses a metric of the client that shares a name of a sample with another', () => {
  const registry = new MetricsRegistry();
  const options = { help: 'H.', registers: [registry] };
  for (const name of ['a_sum', 'b_bucket']) new Gauge({ ...options, name });
  assert.throws(() => new Summary({ ...options, name: 'a' }), /which shares a_sum with a_sum/);
  assert.throws(() => new Histogram({ ...options, name: 'b' }), /which shares b_bucket with b_bucket/);
});

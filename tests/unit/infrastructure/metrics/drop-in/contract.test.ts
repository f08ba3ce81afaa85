import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import * as client from '@prometheus-io/client';
import * as library from '../../../../../src/infrastructure/metrics/library.ts';

/*
 * The library's keys and types against the client's. The compiler checks the types below: each declaration says that
 * one may stand where a program expects the other.
 */

type Client = typeof client;
type Library = typeof library;
type Labels = 'a' | 'b';

/** Keys that the client's module has and ours lacks. */
const PERMITTED_KEYS = [
  'default', // the package's entries add it: Biome and Node's type stripping want named exports in the source
  'module.exports', // Node's name of the CommonJS module itself
];

/** Types that mean something else here. */
const PERMITTED_TYPES = [
  'Collector', // the client's `() => void`, which nothing of the client uses; ours is what a registry runs
  'NoLabelNameType', // an internal name of `never`
];

/** Exports whose type differs from the client's; the instances are compared below, for given labels. */
type Compared = 'Counter' | 'Gauge' | 'Histogram';

type Missing = Exclude<keyof Client, keyof Library | 'default' | 'module.exports'>;
type Different = {
  [K in Exclude<keyof Client & keyof Library, Compared>]: Library[K] extends Client[K] ? never : K;
}[Exclude<keyof Client & keyof Library, Compared>];

const isNever = <T>(_: [T] extends [never] ? true : T): void => undefined;
const fits = <Wanted>() => ({ with: <Given extends Wanted>(): Given | undefined => undefined });

test('has everything that the client exports', () => {
  const names = Object.keys(client).filter((name) => !PERMITTED_KEYS.includes(name));
  assert.ok(names.includes('collectDefaultMetrics'));
  for (const name of [...names, 'contentType']) assert.ok(name in library, name);
  const own = Object.keys(createRequire(import.meta.url)('@prometheus-io/client'));
  for (const name of own) assert.ok(name in library, name);
});

test('has every type that the client exports', () => {
  const typesOf = (text: string) =>
    [...text.matchAll(/^(?:export )?(?:type|interface|class) (\w+)/gm)].map(([, name]) => name ?? '');
  const path = createRequire(import.meta.url).resolve('@prometheus-io/client');
  const names = typesOf(readFileSync(path.replace(/\.js$/, '.d.ts'), 'utf8'));
  assert.ok(names.includes('MetricConfiguration') && names.includes('Counter'));
  const ours = readFileSync(
    new URL('../../../../../src/infrastructure/metrics/library.ts', import.meta.url),
    'utf8',
  );
  const missing = names.filter(
    (name) => !PERMITTED_TYPES.includes(name) && !new RegExp(`\\b${name}\\b`).test(ours),
  );
  assert.deepEqual(missing, []);
});

test('has types that fit where the client’s are expected', () => {
  isNever<Missing>(true);
  isNever<Different>(true);
  fits<client.Counter<Labels>>().with<library.Counter<Labels>>();
  fits<client.Gauge<Labels>>().with<library.Gauge<Labels>>();
  fits<client.Histogram<Labels>>().with<library.Histogram<Labels>>();
  fits<client.Counter>().with<library.Counter>();
  fits<client.Counter<string>>().with<library.Counter<string>>();
  fits<client.Counter.Internal>().with<library.Counter.Internal>();
  fits<client.Gauge.Internal<Labels>>().with<library.Gauge.Internal<Labels>>();
  fits<client.Histogram.Internal<Labels>>().with<library.Histogram.Internal<Labels>>();
  fits<client.Metric<Labels>>().with<library.Metric<Labels>>();
});

test('takes the client’s options', () => {
  fits<library.CounterConfiguration<Labels>>().with<client.CounterConfiguration<Labels>>();
  fits<library.GaugeConfiguration<Labels>>().with<client.GaugeConfiguration<Labels>>();
  fits<library.HistogramConfiguration<Labels>>().with<client.HistogramConfiguration<Labels>>();
  fits<library.LabelValues<Labels>>().with<client.LabelValues<Labels>>();
});

test('lets a variable without type arguments hold and use an instrument of any labels', () => {
  fits<library.Counter>().with<library.Counter<'a'>>();
  fits<library.Gauge>().with<library.Gauge<Labels>>();
  fits<library.Histogram>().with<library.Histogram<'a'>>();
  fits<library.Summary>().with<library.Summary<'a'>>();
  const registers: [] = [];
  const options = { help: 'Help.', labelNames: ['a'] as const, registers };
  const counter: library.Counter = new library.Counter({ name: 'c_total', ...options });
  const gauge: library.Gauge = new library.Gauge({ name: 'g', ...options });
  const histogram: library.Histogram = new library.Histogram({ name: 'h', ...options });
  const summary: library.Summary = new library.Summary({ name: 's', ...options });
  counter.inc();
  counter.labels('x').inc();
  counter.inc({ a: 'x' });
  gauge.set({ a: 'x' }, 1);
  histogram.startTimer({ a: 'x' })({ a: 'y' });
  histogram.labels({ a: 'x' }).observe(1);
  summary.observe({ a: 'x' }, 1);
});

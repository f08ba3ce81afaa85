import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Counter } from '../../../../../src/infrastructure/metrics/instruments/counter.ts';
import { Gauge } from '../../../../../src/infrastructure/metrics/instruments/gauge.ts';
import { Histogram } from '../../../../../src/infrastructure/metrics/instruments/histogram.ts';
import { MetricsRegistry } from '../../../../../src/infrastructure/metrics/registry.ts';
import { parseExposition } from '../../../../support/strict-parser.ts';

const OPENMETRICS = 'application/openmetrics-text; version=1.0.0';
const FORMATS = ['text', 'openmetrics'] as const;

async function render(registry: MetricsRegistry, format: (typeof FORMATS)[number]): Promise<string> {
  const { body } = await registry.render(format === 'openmetrics' ? OPENMETRICS : undefined);
  return body.toString();
}

/** What a registry writes that has these instruments and no last body. */
async function renderAnew(registry: MetricsRegistry, format: (typeof FORMATS)[number]): Promise<string> {
  return render(MetricsRegistry.merge([registry]), format);
}

const number = fc.oneof(
  fc.integer({ min: 0, max: 2 ** 31 }),
  fc.maxSafeInteger(),
  fc.double({ noNaN: false }),
);

test('writes the same with and without a last body, after any history', async () => {
  const label = fc.constantFrom('a', 'b', 'é', '"', 'longer-than-the-others', 'f', 'g', 'h');
  const step = fc.oneof(
    fc.record({ kind: fc.constant('inc'), label, value: fc.integer({ min: 0, max: 1e10 }) }),
    fc.record({ kind: fc.constant('set'), label, value: number }),
    fc.record({ kind: fc.constant('observe'), label, value: fc.double({ noNaN: true, min: -10, max: 10 }) }),
    fc.record({
      kind: fc.constantFrom('remove', 'restart', 'text', 'openmetrics', 'reset'),
      label,
      value: number,
    }),
    fc.record({ kind: fc.constantFrom('text', 'openmetrics'), label, value: number }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.boolean(), async (steps, enableExemplars) => {
      const registry = new MetricsRegistry();
      const options = { help: 'Help.', labelNames: ['l'] as const, registers: [registry], enableExemplars };
      const counter = new Counter({ name: 'c_total', ...options });
      const gauge = new Gauge({ name: 'g', ...options });
      const histogram = new Histogram({ name: 'h', buckets: [-1, 0, 1], ...options });
      for (const { kind, label: l, value } of steps) {
        if (kind === 'inc') counter.inc({ l }, value);
        else if (kind === 'set') gauge.labels(l).set(value);
        else if (kind === 'observe') histogram.labels(l).observe(value, enableExemplars ? { l } : undefined);
        else if (kind === 'restart') counter.setTotal({ l }, 1);
        else if (kind === 'reset') histogram.reset();
        else if (kind === 'remove') for (const metric of [counter, gauge, histogram]) metric.remove({ l });
        else assert.equal(await render(registry, kind as 'text'), await renderAnew(registry, kind as 'text'));
      }
      for (const format of FORMATS) {
        const { body } = await registry.render(format === 'openmetrics' ? OPENMETRICS : undefined);
        parseExposition(body, format);
        assert.equal(body.toString(), await renderAnew(registry, format));
      }
    }),
    { numRuns: 300 },
  );
});

test('lets the event loop run between slices, and never splits a series', async () => {
  const registry = new MetricsRegistry();
  const labelNames = ['i', 'padding'] as const;
  const histogram = new Histogram({
    name: 'h',
    help: 'H.',
    labelNames,
    maxSeries: 1e6,
    registers: [registry],
  });
  const padding = 'é'.repeat(100);
  const children = Array.from({ length: 4_000 }, (_, i) => histogram.labels(String(i), padding));
  for (let round = 0; round < 3; round += 1) {
    let turns = 0;
    const rendered = registry.render(round === 1 ? OPENMETRICS : undefined);
    let isDone = false;
    const observing = (async () => {
      while (!isDone) {
        await new Promise((resolve) => setImmediate(resolve));
        turns += 1;
        for (let k = 0; k < 500; k += 1) children[(turns * 77 + k * 13) % 4_000]?.observe(k / 50);
        const removed = String((turns * 31) % 4_000);
        histogram.remove(removed, padding);
        if (turns % 2 === 0) histogram.observe({ i: `new ${turns}`, padding }, turns);
      }
    })();
    const { body } = await rendered;
    isDone = true;
    await observing;
    assert.ok(turns > 2, `the event loop ran ${turns} times`);
    parseExposition(body, round === 1 ? 'openmetrics' : 'text');
  }
  assert.equal(await render(registry, 'text'), await renderAnew(registry, 'text'));
});

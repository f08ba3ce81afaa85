import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { Counter } from '../../../../../src/infrastructure/metrics/instruments/counter.ts';
import { Gauge } from '../../../../../src/infrastructure/metrics/instruments/gauge.ts';
import { Histogram } from '../../../../../src/infrastructure/metrics/instruments/histogram.ts';
import { Info } from '../../../../../src/infrastructure/metrics/instruments/info.ts';
import { MetricsRegistry } from '../../../../../src/infrastructure/metrics/registry.ts';
import { parseExposition } from '../../../../support/strict-parser.ts';

const OPENMETRICS = 'application/openmetrics-text; version=1.0.0';
const FORMATS = ['text', 'openmetrics'] as const;

async function render(registry: MetricsRegistry, format: (typeof FORMATS)[number]): Promise<string> {
  const { body } = await registry.render(format === 'openmetrics' ? OPENMETRICS : undefined);
  return body.toString();
}

/** A registry with one instrument of each type, with known creation times. */
function createExample(): MetricsRegistry {
  const registry = new MetricsRegistry();
  const registers = [registry];
  const requests = new Counter({
    name: 'requests_total',
    help: 'Requests,\nby "path" \\ method.',
    labelNames: ['method', 'path'],
    registers,
  });
  requests.inc({ method: 'GET', path: 'C:\\a "b"\nc' }, 3);
  requests.inc({ method: 'POST', path: '/' }, 0.5);
  const size = new Histogram({ name: 'size_bytes', help: 'Size.', buckets: [0.00001, 1, 1e6], registers });
  size.observe(0.5);
  size.observe(2e6);
  new Gauge({ name: 'depth', help: 'Depth.', registers }).set(-Infinity);
  new Info({ name: 'build_info', help: 'Build.', labelNames: ['version'], registers }).set({ version: '1' });
  for (const { table } of [requests, size]) table.created.fill(1700000000.5);
  return registry;
}

test('writes text 0.0.4', async () => {
  const { contentType, body } = await createExample().render();
  assert.equal(contentType, 'text/plain; version=0.0.4; charset=utf-8');
  assert.equal(
    body.toString(),
    String.raw`# HELP requests_total Requests,\nby "path" \\ method.
# TYPE requests_total counter
requests_total{method="GET",path="C:\\a \"b\"\nc"} 3
requests_total{method="POST",path="/"} 0.5
# HELP size_bytes Size.
# TYPE size_bytes histogram
size_bytes_bucket{le="0.00001"} 0
size_bytes_bucket{le="1"} 1
size_bytes_bucket{le="1000000"} 1
size_bytes_bucket{le="+Inf"} 2
size_bytes_sum 2000000.5
size_bytes_count 2
# HELP depth Depth.
# TYPE depth gauge
depth -Inf
# HELP build_info Build.
# TYPE build_info gauge
build_info{version="1"} 1
`,
  );
});

test('writes OpenMetrics 1.0', async () => {
  const { contentType, body } = await createExample().render(OPENMETRICS);
  assert.equal(contentType, 'application/openmetrics-text; version=1.0.0; charset=utf-8');
  assert.equal(
    body.toString(),
    String.raw`# TYPE requests counter
# HELP requests Requests,\nby \"path\" \\ method.
requests_total{method="GET",path="C:\\a \"b\"\nc"} 3
requests_created{method="GET",path="C:\\a \"b\"\nc"} 1700000000.5
requests_total{method="POST",path="/"} 0.5
requests_created{method="POST",path="/"} 1700000000.5
# TYPE size_bytes histogram
# UNIT size_bytes bytes
# HELP size_bytes Size.
size_bytes_bucket{le="1e-05"} 0
size_bytes_bucket{le="1.0"} 1
size_bytes_bucket{le="1e+06"} 1
size_bytes_bucket{le="+Inf"} 2
size_bytes_sum 2000000.5
size_bytes_count 2
size_bytes_created 1700000000.5
# TYPE depth gauge
# HELP depth Depth.
depth -Inf
# TYPE build_info gauge
# HELP build_info Build.
build_info{version="1"} 1
# EOF
`,
  );
});

test('writes an empty body, in OpenMetrics its end mark, for a registry without metrics', async () => {
  assert.equal(await render(new MetricsRegistry(), 'text'), '');
  assert.equal(await render(new MetricsRegistry(), 'openmetrics'), '# EOF\n');
});

test('does not change the registry by writing either format', async () => {
  const registry = createExample();
  const before = await render(registry, 'text');
  await render(registry, 'openmetrics');
  assert.equal(await render(registry, 'text'), before);
  assert.equal(registry.getMetricsAsArray()[0]?.name, 'requests_total');
});

test('writes le in OpenMetrics’s canonical form', async () => {
  const registry = new MetricsRegistry();
  const buckets = [0, 1e-10, 0.0001, 0.0001234567, 0.25, 100, 123456, 1234567, 1e21];
  new Histogram({ name: 'h', help: 'H.', buckets, registers: [registry] });
  const bounds = [...(await render(registry, 'openmetrics')).matchAll(/le="(.*)"/g)].map(
    ([, bound]) => bound,
  );
  assert.equal(bounds.join(' '), '0.0 1e-10 0.0001 0.0001234567 0.25 100.0 123456.0 1.234567e+06 1e+21 +Inf');
});

test('leaves out sum and count in OpenMetrics where bounds are negative', async () => {
  const registry = new MetricsRegistry();
  new Histogram({ name: 'h', help: 'H.', buckets: [-1, 0], registers: [registry] }).observe(-3);
  const lines = (await render(registry, 'openmetrics'))
    .split('\n')
    .filter((line) => /_(sum|count)/.test(line));
  assert.deepEqual(lines, []);
  assert.match(await render(registry, 'text'), /h_sum -3\nh_count 1\n/);
  parseExposition((await registry.render(OPENMETRICS)).body, 'openmetrics');
});

test('writes exemplars in OpenMetrics only, and only the newest of each line', async () => {
  const registry = new MetricsRegistry();
  const options = { help: 'Help.', enableExemplars: true, registers: [registry] };
  const histogram = new Histogram({ name: 'h', buckets: [1], ...options });
  const counter = new Counter({ name: 'c_total', labelNames: ['a'], ...options });
  await render(registry, 'openmetrics');
  histogram.observe({ value: 0.5, exemplarLabels: { trace_id: 'first' } });
  histogram.observe({ value: 0.7, exemplarLabels: { trace_id: 'a"b' } });
  counter.labels('x').inc(2, { trace_id: 'c' });
  const text = await render(registry, 'openmetrics');
  assert.match(text, /^h_bucket\{le="1\.0"\} 2 # \{trace_id="a\\"b"\} 0\.7 \d+(\.\d+)?$/m);
  assert.match(text, /^c_total\{a="x"\} 2 # \{trace_id="c"\} 2 \d+(\.\d+)?$/m);
  parseExposition(Buffer.from(text), 'openmetrics');
  assert.doesNotMatch(await render(registry, 'text'), / # /);
  counter.inc({ a: 'x' });
  assert.match(await render(registry, 'openmetrics'), /^c_total\{a="x"\} 3 # /m);
});

const hostileText = fc.string({
  unit: fc.oneof(
    fc.constantFrom('"', '\\', '\n', '\r', '\0', '{', '}', ',', '=', ' ', '#', '|', 'n', 'é', '🦊', '\u2028'),
    fc.constantFrom('\ud800', '\udfff', '\ufeff'),
  ),
  maxLength: 12,
});
const number = fc.oneof(
  fc.integer({ min: 0, max: 2 ** 31 }),
  fc.maxSafeInteger(),
  fc.double({ noNaN: false }),
  fc.constantFrom(
    0,
    -0,
    NaN,
    Infinity,
    -Infinity,
    5e-324,
    1.7976931348623157e308,
    2 ** 53,
    1e21,
    999_999_999,
  ),
);

/** A text as scrapers can read it. */
const shown = (text: string) => text.toWellFormed().replaceAll('\0', '\ufffd');

for (const format of FORMATS) {
  test(`writes any labels and numbers so that they read back the same (${format})`, async () => {
    const series = fc.record({ a: hostileText, b: hostileText, value: number });
    await fc.assert(
      fc.asyncProperty(fc.array(series, { maxLength: 20 }), hostileText, async (all, help) => {
        const registry = new MetricsRegistry();
        const gauge = new Gauge({
          name: 'g',
          help: `H${help}`,
          labelNames: ['a', 'b'],
          registers: [registry],
        });
        const expected = new Map<string, number>();
        for (const { a, b, value } of all) {
          gauge.set({ a, b }, value);
          expected.set(JSON.stringify([shown(a), shown(b)]), value + 0); // -0 reads as 0
        }
        const { body } = await registry.render(format === 'openmetrics' ? OPENMETRICS : undefined);
        const family = parseExposition(body, format).get('g');
        const found = (family?.samples ?? []).map(({ labels, value }) => [
          JSON.stringify([...labels.values()]),
          value,
        ]);
        assert.deepEqual(new Map(found as [string, number][]), expected);
        assert.equal(family?.help, shown(`H${help}`));
      }),
      { numRuns: 200 },
    );
  });
}

test('passes promtool check metrics', async () => {
  const registry = createExample();
  registry.removeSingleMetric('depth'); // promtool lints names too, and this one has no unit
  const { body } = await registry.render();
  const { status, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: body, encoding: 'utf8' });
  assert.equal(`${status} ${stderr}`, '0 ');
});

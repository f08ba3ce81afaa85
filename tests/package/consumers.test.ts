import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { compile, createProject, packMetricsPackage, run, runTool, writeFiles } from '../support/packages.ts';
import { suiteScope } from '../support/scope.ts';

/* The package in projects of each kind. The first supported Node is one of them; the tests' own Node is the other. */

const NAME = '@asdlc/metrics';
const EXPECTED = '# HELP jobs_total Jobs.\n# TYPE jobs_total counter\njobs_total{kind="a"} 2\n';
const USE = `const jobs = new Counter({ name: 'jobs_total', help: 'Jobs.', labelNames: ['kind'] });
jobs.labels('a').inc(2);
register.metrics().then((text: string) => process.stdout.write(text));`;
const PROGRAM = USE.replace(': string', '');

describe('the package @asdlc/metrics', () => {
  const scope = suiteScope();
  let tarball: string;

  before(async () => {
    ({ tarball } = await packMetricsPackage(scope));
  });

  const nodeOf = async (project: string, ...args: string[]) =>
    (await run(process.execPath, args, { cwd: project })).stdout;

  it('works in an ESM project', async () => {
    const project = await createProject(scope, [tarball], { type: 'module' });
    await writeFiles(project, { 'index.js': `import { Counter, register } from '${NAME}';\n${PROGRAM}` });
    assert.equal(await nodeOf(project, 'index.js'), EXPECTED);
  });

  it('works in a CommonJS project', async () => {
    const project = await createProject(scope, [tarball], { type: 'commonjs' });
    await writeFiles(project, {
      'index.js': `const { Counter, register } = require('${NAME}');\n${PROGRAM}`,
    });
    assert.equal(await nodeOf(project, 'index.js'), EXPECTED);
  });

  for (const type of ['module', 'commonjs']) {
    for (const [module, resolution] of [
      ['nodenext', 'nodenext'],
      ['esnext', 'bundler'],
    ] as const) {
      it(`works in TypeScript: ${type}, ${module}, ${resolution}, with declarations`, async () => {
        const project = await createProject(scope, [tarball], { type });
        const source = `import metrics, { Counter, MetricsRegistry, register } from '${NAME}';
          export const registry = new MetricsRegistry();
          const definition = { type: 'info', name: 'i', help: 'I.', labelNames: ['a'] } as const;
          export const jobsOf = (labelNames: ('kind' | 'queue')[]) =>
            new Counter({ name: 'jobs_total', help: 'Jobs.', labelNames, registers: [registry] });
          export class Metrics {
            readonly counter = jobsOf(['kind']);
            readonly child = this.counter.labels({ kind: 'a' });
            readonly gauge = new metrics.Gauge({ name: 'g', help: 'G.', registers: [], collect() { this.set(1); } });
            readonly others = { gauge: this.gauge.labels(), info: registry.instrument(definition) };
            readonly histogram = new metrics.Histogram({ name: 'h', help: 'H.', labelNames: ['a'], registers: [] });
            readonly timers = [this.histogram.startTimer(), this.histogram.labels('x').startTimer()];
            readonly bound = this.histogram.labels('x');
            readonly snapshot = () => this.histogram.snapshot();
            readonly rendered = () => registry.render('text/plain');
            readonly values = () => this.counter.get();
          }
          ${USE}`;
        await writeFiles(project, { 'index.ts': source });
        const options = ['--module', module, '--moduleResolution', resolution, '--esModuleInterop'];
        await compile(project, [...options, '--declaration', '--target', 'es2022', 'index.ts']);
        assert.match(await readFile(join(project, 'index.d.ts'), 'utf8'), /Counter<"kind" \| "queue">/);
        if (module === 'nodenext') assert.equal(await nodeOf(project, 'index.js'), EXPECTED);
        else {
          await runTool(project, 'esbuild', ['index.js', '--bundle', '--platform=node', '--outfile=out.cjs']);
          assert.equal(await nodeOf(project, 'out.cjs'), EXPECTED);
        }
      });
    }
  }

  it('has entries for other frameworks that compile with their peers', async () => {
    const project = await createProject(scope, [tarball, 'fastify@5', 'fastify-plugin@6'], {
      type: 'module',
    });
    await writeFiles(project, {
      'index.ts': `import fastify from 'fastify';
        import { MetricsRegistry } from '${NAME}';
        import { metricsEndpoint, prometheusMiddleware } from '${NAME}/fastify';
        const registry = new MetricsRegistry();
        const app = fastify();
        await app.register(prometheusMiddleware, { registry, service: 'x' });
        await app.register(metricsEndpoint, { registry, service: 'x' });
        app.get('/', async () => 'ok');
        await app.inject('/');
        const { body } = await app.inject('/metrics');
        process.stdout.write(body);
        await app.close();`,
    });
    await compile(project, ['--module', 'nodenext', '--skipLibCheck', '--target', 'es2022', 'index.ts']);
    assert.match(
      await nodeOf(project, 'index.js'),
      /^http_requests_total\{service="x",method="GET",endpoint="\/",status="200"\} 1$/m,
    );
  });

  it('takes the place of prom-client in libraries that import that', async () => {
    const libraries = ['express@5', 'express-prom-bundle@8', 'fastify@5', 'fastify-metrics@14'];
    const project = await createProject(scope, ['--legacy-peer-deps', ...libraries], {
      dependencies: { [NAME]: `file:${tarball}`, 'prom-client': `file:${tarball}` },
    });
    await writeFiles(project, {
      'index.cjs': `const express = require('express');
        const bundle = require('express-prom-bundle');
        const fastifyMetrics = require('fastify-metrics');
        const { register } = require('${NAME}');
        const show = (text) => console.log(text.split('\\n').filter((line) => /^http\\S+_count/.test(line)).join());
        (async () => {
          const app = express();
          app.use(bundle({ includeMethod: true, includePath: true, promClient: { collectDefaultMetrics: {} } }));
          app.get('/a', (request, response) => response.send('ok'));
          const server = app.listen(0, '127.0.0.1');
          await new Promise((resolve) => server.once('listening', resolve));
          const url = 'http://127.0.0.1:' + server.address().port;
          await (await fetch(url + '/a')).text();
          show(await (await fetch(url + '/metrics')).text());
          show(await register.metrics());
          server.close();
          server.closeAllConnections();
          register.clear();
          const fastify = require('fastify')();
          await fastify.register(fastifyMetrics, { endpoint: '/metrics' });
          fastify.get('/b', async () => 'ok');
          await fastify.inject('/b');
          show((await fastify.inject('/metrics')).body);
          process.exit(0);
        })();`,
    });
    const [bundled, shared, ofFastify] = (await nodeOf(project, 'index.cjs')).split('\n');
    assert.equal(bundled, 'http_request_duration_seconds_count{status_code="200",method="GET",path="/a"} 1');
    assert.equal(shared, bundled);
    assert.match(
      ofFastify ?? '',
      /^http_request_duration_seconds_count\{method="GET",route="\/b",status_code="200"\} 1,/,
    );
  });

  it('bundles with esbuild into one copy, from ESM and CommonJS', async () => {
    const project = await createProject(scope, [tarball]);
    await writeFiles(project, {
      'library.cjs': `const { Counter } = require('${NAME}'); new Counter({ name: 'l_total', help: 'L.' });`,
      'index.mjs': `import './library.cjs'; import { register } from '${NAME}';
        import client from '@prometheus-io/client';
        new client.Gauge({ name: 'g', help: 'G.' });
        register.metrics().then((text) => console.log(text));`,
    });
    for (const format of ['cjs', 'esm']) {
      const out = `out.${format === 'cjs' ? 'cjs' : 'mjs'}`;
      const banner = `--banner:js=import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;
      const options = ['--bundle', '--platform=node', '--minify', `--format=${format}`, `--outfile=${out}`];
      await runTool(project, 'esbuild', ['index.mjs', ...options, ...(format === 'esm' ? [banner] : [])]);
      const text = await nodeOf(project, out);
      assert.match(text, /^l_total 0$/m);
      assert.match(text, /^g 0$/m);
    }
  });

  it('works in Jest without flags', async () => {
    const project = await createProject(scope, [tarball, 'jest@30']);
    await writeFiles(project, {
      'a.test.js': `const { Counter, register } = require('${NAME}');
        const client = require('@prometheus-io/client');
        afterEach(() => register.clear());
        test('counts', async () => {
          new Counter({ name: 'a_total', help: 'A.' }).inc();
          expect(await register.metrics()).toContain('a_total 1');
          expect(client.register).toBe(register);
        });
        test('can be spied on', () => {
          const metrics = require('${NAME}');
          const spy = jest.spyOn(metrics, 'collectDefaultMetrics').mockImplementation(() => undefined);
          metrics.collectDefaultMetrics();
          expect(spy).toHaveBeenCalledTimes(1);
        });`,
      'b.test.js': `const { Gauge, register } = require('${NAME}');
        test('has a registry of its own in each file', async () => {
          expect(register.getMetricsAsArray()).toEqual([]);
          jest.resetModules();
          const again = require('${NAME}');
          new again.Gauge({ name: 'a_total', help: 'A.' });
          expect(again.register).not.toBe(register);
        });`,
    });
    const { stderr } = await run(join(project, 'node_modules/.bin/jest'), ['--ci'], {
      cwd: project,
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    assert.match(stderr, /Tests: +3 passed, 3 total/);
  });

  it('works on Node 22', async () => {
    const binary = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
    const project = await createProject(scope, [tarball, `${binary}@22`]);
    const node = join(project, 'node_modules', binary, 'bin/node');
    await writeFiles(project, {
      'index.mjs': `import { Counter, register } from '${NAME}';\n${PROGRAM}`,
      'index.cjs': `const { Counter, register } = require('${NAME}');\n${PROGRAM}`,
      'all.mjs': `import * as metrics from '${NAME}';
        const registry = new metrics.MetricsRegistry();
        const options = { help: 'H.', labelNames: ['a'], registers: [registry] };
        new metrics.Histogram({ name: 'h', enableExemplars: true, ...options }).labels('\\ud800').startTimer()();
        new metrics.Gauge({ name: 'g', ...options }).labels('x').set(1);
        new metrics.Info({ name: 'i', ...options }).set({ a: 'x' });
        registry.addCollector({ name: 'c', collect: () => undefined });
        metrics.collectDefaultMetrics({ register: registry });
        for (const accept of [undefined, 'application/openmetrics-text']) {
          const { body } = await registry.render(accept);
          console.log(body.toString().includes('process_cpu'));
        }
        console.log(process.version);
        process.exit(0);`,
    });
    for (const program of ['index.mjs', 'index.cjs']) {
      assert.equal((await run(node, [program], { cwd: project })).stdout, EXPECTED);
    }
    assert.match((await run(node, ['all.mjs'], { cwd: project })).stdout, /^true\ntrue\nv22\./);
  });
});

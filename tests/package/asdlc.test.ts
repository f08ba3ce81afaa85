import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { before, describe, it } from 'node:test';
import { ASDLC_PACKAGE } from '../../scripts/release/plan.ts';
import {
  compile,
  createProject,
  type PackedPackage,
  packAsdlc,
  run,
  runTool,
  writeFiles,
} from '../support/packages.ts';
import { suiteScope } from '../support/scope.ts';

describe('the package asdlc, installed from its tarball in an empty project', () => {
  const scope = suiteScope();
  let packed: PackedPackage;
  let project: string;

  before(async () => {
    packed = await packAsdlc(scope);
    project = await createProject(scope, [packed.tarball], { type: 'module' });
  });

  it('holds the compiled programs, the dashboard and the pages for its users, and nothing else', () => {
    assert.deepEqual(
      packed.files.filter((path) => !ASDLC_PACKAGE.contents.test(path)),
      [],
    );
    for (const path of ASDLC_PACKAGE.required) {
      assert.ok(packed.files.includes(path), path);
    }
  });

  it('may be published', () => {
    const manifest = JSON.parse(readFileSync(join(project, 'node_modules/asdlc/package.json'), 'utf8'));
    assert.equal(manifest.private, undefined);
    assert.equal(manifest.engines.node, '>=24');
    assert.equal(manifest.license, 'Apache-2.0');
  });

  it('is clean for publint and for are-the-types-wrong', async () => {
    await runTool(project, 'publint', ['--strict', packed.tarball]);
    await runTool(project, 'attw', ['--profile', 'esm-only', packed.tarball]);
  });

  it('has source maps with the sources in them', () => {
    const files = packed.files.filter((path) => /^dist\/.*\.js$/.test(path));
    assert.ok(files.length > 100, `${files.length}`);
    for (const path of files) {
      const map = JSON.parse(readFileSync(join(project, 'node_modules/asdlc', `${path}.map`), 'utf8'));
      assert.ok(map.sourcesContent[0].length > 0, path);
    }
  });

  it('imports only files that it has', () => {
    const root = join(project, 'node_modules/asdlc');
    for (const path of packed.files.filter((path) => /^dist\/.*\.(js|d\.ts)$/.test(path))) {
      const text = readFileSync(join(root, path), 'utf8');
      for (const [, relative = ''] of text.matchAll(/(?:from|import|import\() ?'(\.[^']+)'/g)) {
        const target = resolve(root, dirname(path), relative);
        assert.ok(existsSync(target), `${path} imports ${relative}`);
      }
    }
  });

  it('renders metrics from JavaScript', async () => {
    await writeFiles(project, {
      'index.js': `import { Counter, MetricsRegistry } from 'asdlc/metrics';
       const registry = new MetricsRegistry();
       const jobs = new Counter({ name: 'jobs_total', help: 'Jobs.', labelNames: ['kind'], registers: [registry] });
       jobs.labels('a').inc(2);
       process.stdout.write(await registry.metrics());`,
    });
    const { stdout } = await run(process.execPath, ['index.js'], { cwd: project });
    assert.equal(stdout, '# HELP jobs_total Jobs.\n# TYPE jobs_total counter\njobs_total{kind="a"} 2\n');
  });

  /** Compiles a program of the project, with the declarations of the package. */
  const check = async (source: string) => {
    await writeFiles(project, { 'index.ts': source });
    return compile(project, ['--noEmit', '--module', 'nodenext', 'index.ts']);
  };

  it('checks label names in TypeScript', async () => {
    const source = (label: string) =>
      `import { Counter, Histogram, MetricsRegistry, metricsHandler, prometheusMiddleware } from 'asdlc/metrics';
       const registry = new MetricsRegistry();
       const jobs = new Counter({ name: 'jobs_total', help: 'Jobs.', labelNames: ['kind'], registers: [registry] });
       jobs.inc({ ${label}: 'a' });
       new Histogram({ name: 'job_seconds', help: 'Time.', registers: [registry] }).observe(1);
       export const parts: unknown[] = [metricsHandler({ registry, service: 'x' }), prometheusMiddleware];`;
    await check(source('kind'));
    await assert.rejects(check(source('kint')), /'kint' does not exist in type/);
  });

  it('checks handlers in TypeScript', async () => {
    const source = (field: string) =>
      `import { createTestContext, defineHandlers } from 'asdlc/handlers';
       export const handlers = defineHandlers({
         'greeting.make': ({ ${field}, logger }) => {
           logger.info('making a greeting');
           return \`Hello \${JSON.stringify(${field})}\`;
         },
       });
       export const greeting: string = handlers['greeting.make'](createTestContext({ payload: 'Ada' }));`;
    await check(source('payload'));
    await assert.rejects(check(source('payloat')), /'payloat' does not exist on type/);
  });

  it('types the client by the handlers, for Node and for browsers', async () => {
    const source = (eventType: string, payload: string) =>
      `import { createClient } from 'asdlc/client';
       declare const handlers: {
         'greeting.make': (task: { payload: { name: string } }) => Promise<{ text: string; at: Date }>;
         'report.make': { payload: unknown; handle: (task: { payload: number }) => void };
       };
       const client = createClient<typeof handlers>({ url: 'http://127.0.0.1:8080' });
       const task = await client.wait(await client.submit('${eventType}', ${payload}, { priority: 1 }));
       if (task.status === 'completed') { const { text, at }: { text: string; at: string } = task.result; void text; void at; }
       else { const message: string | undefined = task.error?.message; void message; }
       await client.submitBatch([{ event_type: 'report.make', payload: 1 }]);
       const any = await client.get('id');
       if (any.event_type === 'report.make') { const count: number = any.payload; void count; }
       const page = await client.list({ event_type: 'report.make', status: 'dead' });
       export const ids: string[] = page.tasks.map(({ id }) => id);
       await createClient({ url: '' }).submit('any.type');`;
    await check(source('greeting.make', `{ name: 'Ada' }`));
    await assert.rejects(
      check(source('greeting.made', `{ name: 'Ada' }`)),
      /'"greeting.made"' is not assignable/,
    );
    await assert.rejects(
      check(source('greeting.make', '{ name: 1 }')),
      /'number' is not assignable to type 'string'/,
    );
    const browser = [
      '--ignoreConfig',
      '--strict',
      '--noEmit',
      '--module',
      'esnext',
      '--moduleResolution',
      'bundler',
    ];
    await writeFiles(project, { 'page.ts': source('greeting.make', `{ name: 'Ada' }`) });
    await runTool(project, 'tsc', [
      ...browser,
      '--target',
      'es2024',
      '--lib',
      'es2024,dom,dom.iterable',
      '--types',
      '',
      'page.ts',
    ]);
  });

  it('has a client that a bundler takes for browsers', async () => {
    await writeFiles(project, {
      'page.js': `import { createClient } from 'asdlc/client';\ncreateClient({ url: location.origin });`,
    });
    await runTool(project, 'esbuild', ['page.js', '--bundle', '--platform=browser', '--outfile=page.out.js']);
  });
});

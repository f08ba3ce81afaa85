import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { compile, createProject, packMetricsPackage, run, runTool, writeFiles } from '../support/packages.ts';
import { suiteScope } from '../support/scope.ts';

const NAME = '@asdlc/metrics';
/** The packages that the client brings, and ours. */
const MOST_PACKAGES = 6;
const MOST_KILOBYTES = 4_000;

describe('the package @asdlc/metrics, packed from a clean checkout', () => {
  const scope = suiteScope();
  let tarball: string;
  let files: readonly string[];
  let project: string;

  before(async () => {
    ({ tarball, files } = await packMetricsPackage(scope));
    project = await createProject(scope, [tarball]);
  });

  const node = async (...args: string[]) => (await run(process.execPath, args, { cwd: project })).stdout;

  it('holds the build, its texts and nothing else', () => {
    for (const path of files) {
      assert.match(
        path,
        /^(dist\/.*\.(js|mjs|d\.ts|d\.mts|map)|src\/.*\.ts|package\.json|(README|CHANGELOG)\.md|LICENSE)$/,
      );
    }
    for (const path of ['README.md', 'CHANGELOG.md', 'LICENSE', 'dist/index.js']) {
      assert.ok(files.includes(path), path);
    }
  });

  it('brings the client alone, and what that needs', async () => {
    const { packages } = JSON.parse(await readFile(join(project, 'package-lock.json'), 'utf8'));
    const names = Object.keys(packages).filter((path) => path !== '');
    assert.ok(names.length <= MOST_PACKAGES, names.join());
    const manifest = JSON.parse(await readFile(join(project, 'node_modules', NAME, 'package.json'), 'utf8'));
    assert.deepEqual(Object.keys(manifest.dependencies), ['@prometheus-io/client']);
    let bytes = 0;
    for (const entry of await readdir(join(project, 'node_modules'), { recursive: true })) {
      const found = await stat(join(project, 'node_modules', entry));
      if (found.isFile()) bytes += found.size;
    }
    assert.ok(bytes < MOST_KILOBYTES * 1024, `${Math.round(bytes / 1024)} kB`);
  });

  it('is clean for publint and for are-the-types-wrong', async () => {
    await runTool(project, 'publint', ['--strict', tarball]);
    await runTool(project, 'attw', [tarball]);
  });

  it('names no metric of this system', async () => {
    for (const path of files.filter((file) => file.endsWith('.js'))) {
      assert.doesNotMatch(
        await readFile(join(project, 'node_modules', NAME, path), 'utf8'),
        /\basdlc_/,
        path,
      );
    }
  });

  it('has source maps with their sources', async () => {
    const maps = files.filter((path) => path.endsWith('.map'));
    assert.ok(maps.length > 10);
    for (const path of maps) {
      const { sources } = JSON.parse(await readFile(join(project, 'node_modules', NAME, path), 'utf8'));
      const [source] = sources.map((relative: string) => join(path, '..', relative));
      assert.ok(files.includes(source), `${path} → ${source}`);
    }
    await writeFiles(project, {
      'trace.cjs': `const { Counter } = require('${NAME}');
        try { new Counter({ name: 'a-b', help: 'x' }); } catch (error) { console.log(error.stack); }`,
    });
    assert.match(
      await node('--enable-source-maps', 'trace.cjs'),
      /@asdlc\/metrics\/src\/instruments\/validation\.ts:\d+:\d+/,
    );
  });

  it('is one module with one default registry, however it is loaded', async () => {
    await writeFiles(project, {
      'both.mjs': `import { createRequire } from 'node:module';
        import * as imported from '${NAME}';
        import client from '@prometheus-io/client';
        const required = createRequire(import.meta.url)('${NAME}');
        new imported.Counter({ name: 'imported_total', help: 'I.' }).inc();
        new required.Counter({ name: 'required_total', help: 'R.' }).inc();
        new client.Counter({ name: 'client_total', help: 'C.' }).inc();
        console.log(imported.register === required.register, imported.register === client.register);
        console.log(imported.default === required, imported.Counter === required.Counter);
        console.log(required.contentType === client.contentType);
        required.contentType = client.openMetricsContentType;
        console.log(required.contentType === client.register.contentType);
        required.contentType = client.prometheusContentType;
        // Another copy of the library, as a second version in the tree would be.
        const require = createRequire(import.meta.url);
        for (const path of Object.keys(require.cache)) if (path.includes('/@asdlc/')) delete require.cache[path];
        const copy = require('${NAME}');
        new copy.Counter({ name: 'copy_total', help: 'C.' }).inc();
        console.log(copy.Counter !== required.Counter, copy.register === required.register);
        console.log(await imported.register.metrics());`,
    });
    const output = await node('both.mjs');
    assert.equal(output.slice(0, output.indexOf('# HELP')), 'true true\ntrue true\ntrue\ntrue\ntrue true\n');
    for (const name of ['imported', 'required', 'client', 'copy']) {
      assert.match(output, new RegExp(`^${name}_total 1$`, 'm'));
    }
  });

  it('has the client’s exports in both module systems', async () => {
    await writeFiles(project, {
      'keys.cjs': `console.log(Object.keys(require(process.argv[2])).join('\\n'))`,
      'keys.mjs': `console.log(Object.keys(await import(process.argv[2])).join('\\n'))`,
    });
    for (const program of ['keys.cjs', 'keys.mjs']) {
      const ours = (await node(program, NAME)).split('\n');
      const theirs = (await node(program, '@prometheus-io/client')).split('\n');
      assert.deepEqual(
        theirs.filter((name) => !ours.includes(name)),
        program === 'keys.mjs' && theirs.includes('module.exports') ? ['module.exports'] : [],
      );
    }
  });

  it('compiles in TypeScript, and checks label names', async () => {
    const source = (label: string) => `import { Counter, Histogram, MetricsRegistry } from '${NAME}';
      const registry = new MetricsRegistry();
      const jobs = new Counter({ name: 'jobs_total', help: 'J.', labelNames: ['kind'], registers: [registry] });
      jobs.inc({ ${label}: 'a' });
      new Histogram({ name: 'job_seconds', help: 'T.', registers: [registry] }).observe(1);`;
    await writeFiles(project, { 'right.mts': source('kind'), 'wrong.mts': source('kint') });
    await compile(project, ['--noEmit', '--module', 'nodenext', 'right.mts']);
    await assert.rejects(
      compile(project, ['--noEmit', '--module', 'nodenext', 'wrong.mts']),
      /'kint' does not exist in type/,
    );
  });
});

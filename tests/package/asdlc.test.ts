import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { REPOSITORY, temporaryFolder } from '../support/processes.ts';
import { suiteScope } from '../support/scope.ts';

const run = promisify(execFile);

describe('the package, installed from its tarball in an empty project', () => {
  const scope = suiteScope();
  let project: string;

  before(async () => {
    project = await temporaryFolder(scope);
    await run('npm', ['run', 'build'], { cwd: REPOSITORY });
    const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', project], {
      cwd: REPOSITORY,
    });
    const [{ filename, files }] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
    assert.ok(
      files.every(({ path }) =>
        /^((dashboard\/)?dist\/|package\.json$|docs\/runbooks\.md$|README|LICENSE|CHANGELOG)/.test(path),
      ),
    );
    assert.ok(files.some(({ path }) => path === 'dashboard/dist/index.html'));
    await writeFile(join(project, 'package.json'), '{"name":"empty","private":true,"type":"module"}');
    await run('npm', ['install', '--prefer-offline', '--ignore-scripts', join(project, filename)], {
      cwd: project,
    });
  });

  it('renders metrics from JavaScript', async () => {
    await writeFile(
      join(project, 'index.js'),
      `import { Counter, MetricsRegistry } from 'asdlc/metrics';
       const registry = new MetricsRegistry();
       const jobs = new Counter({ name: 'jobs_total', help: 'Jobs.', labelNames: ['kind'], registers: [registry] });
       jobs.labels('a').inc(2);
       process.stdout.write(await registry.metrics());`,
    );
    const { stdout } = await run(process.execPath, ['index.js'], { cwd: project });
    assert.equal(stdout, '# HELP jobs_total Jobs.\n# TYPE jobs_total counter\njobs_total{kind="a"} 2\n');
  });

  it('checks label names in TypeScript', async () => {
    const source = (label: string) =>
      `import { Counter, Histogram, MetricsRegistry, metricsHandler, prometheusMiddleware } from 'asdlc/metrics';
       const registry = new MetricsRegistry();
       const jobs = new Counter({ name: 'jobs_total', help: 'Jobs.', labelNames: ['kind'], registers: [registry] });
       jobs.inc({ ${label}: 'a' });
       new Histogram({ name: 'job_seconds', help: 'Time.', registers: [registry] }).observe(1);
       export const parts: unknown[] = [metricsHandler({ registry, service: 'x' }), prometheusMiddleware];`;
    const check = async (label: string) => {
      await writeFile(join(project, 'index.ts'), source(label));
      const options = [
        '--noEmit',
        '--strict',
        '--module',
        'nodenext',
        '--skipLibCheck',
        'false',
        '--types',
        'node',
      ];
      const typeRoots = ['--typeRoots', join(REPOSITORY, 'node_modules/@types')];
      return run(join(REPOSITORY, 'node_modules/.bin/tsc'), [...options, ...typeRoots, 'index.ts'], {
        cwd: project,
      });
    };
    await check('kind');
    await assert.rejects(check('kint'), { stdout: /'kint' does not exist in type/ });
  });
});

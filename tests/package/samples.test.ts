import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { createProject, packMetricsPackage, run, writeFiles } from '../support/packages.ts';
import { readPage } from '../support/pages.ts';
import { freePort, startProcess } from '../support/processes.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

/*
 * The samples of docs/metrics-library.md, run as they stand with the packed package and the frameworks that they name.
 * Only the port is another one.
 */

const PAGE = readPage('docs/metrics-library.md');
const NEST = ['common', 'core', 'platform-express', 'platform-fastify'].map((name) => `@nestjs/${name}@11`);
const FRAMEWORKS = [
  'express@5',
  'express4@npm:express@4',
  'fastify@5',
  'fastify-plugin@6',
  'hono@4',
  '@hono/node-server@2',
  'koa@3',
  'reflect-metadata@0.2',
  'rxjs@7',
  ...NEST,
];

/** The module that the sample for Nest imports. Decorators are functions: so it needs no compiler. */
const NEST_MODULE = `import { Controller, Get, Module, Param } from '@nestjs/common';
class Users {
  get(id) { return { id }; }
}
Controller('users')(Users);
Get(':id')(Users.prototype, 'get', Object.getOwnPropertyDescriptor(Users.prototype, 'get'));
Param('id')(Users.prototype, 'get', 0);
export class AppModule {}
Module({ controllers: [Users] })(AppModule);
`;

/** The first sample below a heading of the page. */
function sampleOf(heading: string): string {
  const section = PAGE.slice(PAGE.indexOf(`\n${heading}\n`));
  return /^```(?:js|ts)\n([\s\S]*?)^```$/m.exec(section)?.[1] ?? assert.fail(heading);
}

describe('the samples of the metrics library', () => {
  const scope = suiteScope();
  let project: string;

  before(async () => {
    const { tarball } = await packMetricsPackage(scope);
    project = await createProject(scope, ['--legacy-peer-deps', tarball, ...FRAMEWORKS], { type: 'module' });
    await writeFiles(project, { 'app.module.js': NEST_MODULE });
  });

  /** What a sample's service counted after two requests. */
  async function countsOf(name: string, source: string): Promise<string[]> {
    const port = await freePort();
    assert.ok(source.includes('8082'), name);
    await writeFiles(project, { [`${name}.js`]: source.replaceAll('8082', String(port)) });
    const { stop } = startProcess(scope, process.execPath, [join(project, `${name}.js`)], { cwd: project });
    const url = `http://127.0.0.1:${port}`;
    await until(`${name} listens`, async () => (await fetch(`${url}/metrics`)).ok);
    for (const id of [1, 2]) await (await fetch(`${url}/users/${id}`)).arrayBuffer();
    const text = await (await fetch(`${url}/metrics`)).text();
    await stop('SIGKILL');
    return text.match(/^http_requests_total\{.*$/gm) ?? [];
  }

  const COUNTED = ['http_requests_total{service="shop",method="GET",endpoint="/users/:id",status="200"} 2'];
  const NOT_FOUND = ['http_requests_total{service="shop",method="GET",endpoint="unmatched",status="404"} 2'];
  for (const [heading, counts] of [
    ['### Fastify', COUNTED],
    ['### Express 4 and 5', COUNTED],
    ['### Koa', NOT_FOUND], // it has no route
    ['### Hono', NOT_FOUND],
    ['### Nest', COUNTED],
    ['#### On Fastify', COUNTED],
    ['### node:http', COUNTED],
  ] as const) {
    const name = heading.replace(/^#+ /, '').replaceAll(/\W+/g, '-').toLowerCase();
    it(`count requests: ${heading.replace(/^#+ /, '')}`, async () => {
      assert.deepEqual(await countsOf(name, sampleOf(heading)), counts);
    });
  }

  it('count requests: Express 4', async () => {
    const source = sampleOf('### Express 4 and 5').replace("from 'express'", "from 'express4'");
    assert.deepEqual(await countsOf('express-4', source), COUNTED);
  });

  it('count what the service sends', async () => {
    const sample = sampleOf('### Requests that the service sends');
    const program = `${sample}
import { once } from 'node:events';
import { createServer } from 'node:http';
import { register } from '@asdlc/metrics';
const server = createServer((request, response) => response.end()).listen(0, '127.0.0.1');
await once(server, 'listening');
await (await fetch('http://127.0.0.1:' + server.address().port)).arrayBuffer();
stop();
process.stdout.write(await register.metrics());
process.exit(0);
`;
    await writeFiles(project, { 'undici.js': program });
    const { stdout } = await run(process.execPath, ['undici.js'], { cwd: project });
    assert.match(stdout, /^http_client_requests_total\{service="shop",.*\} 1$/m);
  });

  it('print what they say: the quick start, and the tests', async () => {
    await writeFiles(project, {
      'quick-start.js': `${sampleOf('## Quick start')}process.exit(0);\n`,
      'tests.js': sampleOf('## Tests'),
    });
    const quickStart = await run(process.execPath, ['quick-start.js'], { cwd: project });
    assert.match(quickStart.stdout, /^text\/plain;[\s\S]*^jobs_total\{kind="mail"\} 2$/m);
    const tests = await run(process.execPath, ['tests.js'], { cwd: project });
    assert.match(tests.stdout, /^1\nmail\n\[\]\n# Metrics of the shop\n/);
  });

  it('can require each entry of the package, with the same names as an import has', async () => {
    const program = `const manifest = require('@asdlc/metrics/package.json');
(async () => {
  for (const path of Object.keys(manifest.exports).filter((path) => path !== './package.json')) {
    const name = '@asdlc/metrics' + path.slice(1);
    const own = (names) => names.filter((name) => !['default', 'module.exports', '__esModule'].includes(name)).sort();
    const [required, imported] = [own(Object.keys(require(name))), own(Object.keys(await import(name)))];
    console.log(path, required.length > 0 && required.join() === imported.join() ? 'same' : { required, imported });
  }
})();
`;
    await writeFiles(project, { 'entries.cjs': program });
    const { stdout } = await run(process.execPath, ['entries.cjs'], { cwd: project });
    const paths = ['.', './testing', './fastify', './node-http', './express', './koa', './hono', './undici'];
    assert.deepEqual(
      stdout.trim().split('\n'),
      paths.map((path) => `${path} same`),
    );
  });
});

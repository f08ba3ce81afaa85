import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';

/*
 * Runs the test files of @prometheus-io/client or prom-client against the package `@asdlc/metrics`:
 * `npx node scripts/client-tests.ts FOLDER`, where FOLDER is a checkout of their repository. Nothing of it is kept.
 *
 * The tests run twice: against the client as installed, and with our instruments and registry in place of its. What
 * fails only in the second run must belong to a deviation below; docs/metrics-library-deviations.md has the reasons.
 * Exits with 1 when a failure belongs to none.
 */

/** By deviation: which tests it fails. A test's name has the forms `registerTest.js > Register … should …`. */
const DEVIATIONS: Readonly<Record<string, RegExp>> = {
  'Wrong values and labels do not throw':
    /not allow non numbers|number of labels|label lengths|decrease a counter|value is not a number|exemplar is too long|absent sharedLabels/,
  'The layout of the text':
    /all initialized metrics at value 0|help as first item|\(histogram\)|label twice|multiple buckets/,
  'A counter without _total is unknown in OpenMetrics':
    /OpenMetrics.*(value of the metric as|allow getting metrics|\(counter\)|type as second item)|pushgateway.*OpenMetrics|make counter with exemplar/,
  'A metric object has a name and a type':
    /a metric with an? |metric without labels|metric with default labels|precidence|escape |as JSON|labels to JSON|type as second item/,
  'Names and messages of the constructor':
    /le as a custom label|invalid (metric|label) name|some invalid|removing single metrics/,
  'A reset starts at zero': /to be reset itself|resetting all metrics/,
  'Exemplars in any registry': /throw when using with Prometheus registry/,
  'Internal classes': /should create a instance/,
};

/** The client's modules that ours take the place of. */
const REPLACED = ['Counter', 'Gauge', 'Histogram', 'Registry'];

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

const root = join(import.meta.dirname, '..');

function createProject(): string {
  const project = mkdtempSync(join(tmpdir(), 'client-tests-'));
  writeFileSync(join(project, 'package.json'), '{"name":"client-tests","private":true}');
  const pack = ['pack', './packages/metrics', '--silent', '--pack-destination', project];
  execFileSync('npm', pack, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  const [tarball = ''] = globSync('*.tgz', { cwd: project });
  const packages = [`./${tarball}`, 'jest@30', 'nock@13', 'express@5'];
  execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...packages], {
    cwd: project,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return project;
}

/** The tests over the installed client, or over the library. */
function createSuite(project: string, checkout: string, module: string): string {
  const folder = join(project, module.includes('client') ? 'client' : 'library');
  const installed = join(project, 'node_modules/@prometheus-io/client');
  mkdirSync(folder);
  for (const part of ['test', 'lib']) {
    cpSync(join(checkout, part), join(folder, part), { recursive: true });
  }
  writeFileSync(join(folder, 'package.json'), '{"jest":{"testRegex":".*Test\\\\.js$"}}');
  const index = [
    `const library = require('${module}');`,
    `library[Symbol('util')] = require('./lib/util');`,
    'module.exports = library;',
  ];
  writeFileSync(join(folder, 'index.js'), index.join('\n'));
  for (const path of globSync('lib/**/*.js', { cwd: folder })) {
    const original = join(installed, path);
    if (!existsSync(original)) continue;
    const toOriginal = relative(dirname(join(folder, path)), original);
    writeFileSync(join(folder, path), `module.exports = require('${toOriginal}');\n`);
  }
  for (const name of module.includes('client') ? [] : REPLACED) {
    const path = join(folder, 'lib', `${name.toLowerCase()}.js`);
    writeFileSync(path, `module.exports = require('${module}').${name};\n`);
  }
  return folder;
}

/** By full name: whether the test passed. */
function runSuite(project: string, folder: string): Map<string, boolean> {
  const output = join(folder, 'report.json');
  const jest = join(project, 'node_modules/.bin/jest');
  try {
    execFileSync(jest, ['--json', '--outputFile', output], { cwd: folder, stdio: 'ignore' });
  } catch {
    // Some tests failed. The report says which.
  }
  const report = JSON.parse(readFileSync(output, 'utf8')) as Report;
  const results = new Map<string, boolean>();
  for (const { name, message, assertionResults } of report.testResults) {
    const file = name.split('/').at(-1);
    if (assertionResults.length === 0) throw new Error(`expected ${file} to run; got ${message}`);
    for (const { fullName, status } of assertionResults) {
      const key = `${file} > ${fullName}`;
      results.set(key, status !== 'failed' && results.get(key) !== false);
    }
  }
  if (results.size === 0) throw new Error(`expected tests in ${folder}; got none`);
  return results;
}

function compare(theirs: ReadonlyMap<string, boolean>, ours: ReadonlyMap<string, boolean>): boolean {
  const failed = [...ours].filter(([name, passed]) => !passed && theirs.get(name)).map(([name]) => name);
  const byDeviation = Map.groupBy(
    failed,
    (name) => Object.entries(DEVIATIONS).find(([, pattern]) => pattern.test(name))?.[0] ?? '',
  );
  const passed = [...theirs.values()].filter(Boolean).length;
  process.stdout.write(
    `${passed} of ${theirs.size} pass with the client; ${failed.length} of these fail with ours\n`,
  );
  for (const deviation of Object.keys(DEVIATIONS)) {
    process.stdout.write(`${String(byDeviation.get(deviation)?.length ?? 0).padStart(5)}  ${deviation}\n`);
  }
  const unexplained = byDeviation.get('') ?? [];
  for (const name of unexplained) process.stderr.write(`no deviation: ${name}\n`);
  return unexplained.length === 0;
}

const checkout = process.argv[2];
if (checkout === undefined || !existsSync(join(checkout, 'test/registerTest.js'))) {
  throw new Error(`expected a checkout of the client's repository; got ${checkout}`);
}
const project = createProject();
try {
  const [theirs, ours] = ['@prometheus-io/client', '@asdlc/metrics'].map((module) =>
    runSuite(project, createSuite(project, checkout, module)),
  );
  process.exitCode = compare(theirs ?? new Map(), ours ?? new Map()) ? 0 : 1;
} finally {
  rmSync(project, { recursive: true, force: true });
}

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { compile, createProject, packMetricsPackage, run, writeFiles } from '../support/packages.ts';
import { suiteScope } from '../support/scope.ts';

/*
 * Programs that use the client, each of another kind. Each runs as it is, and with the import changed. What it prints
 * must be the same, but for the deviations that `normalize` removes.
 */

const PROGRAMS = join(import.meta.dirname, 'programs');
const CLIENT = '@prometheus-io/client';
const LIBRARY = '@asdlc/metrics';

describe('programs that use the client', () => {
  const scope = suiteScope();
  const names = readdirSync(PROGRAMS);
  let project: string;

  before(async () => {
    const { tarball } = await packMetricsPackage(scope);
    project = await createProject(scope, [tarball]);
    for (const name of names) {
      const text = readFileSync(join(PROGRAMS, name), 'utf8');
      await writeFiles(project, {
        [`client/${name}`]: text,
        [`library/${name}`]: text.replaceAll(`'${CLIENT}'`, `'${LIBRARY}'`),
      });
    }
  });

  it('are of more than twenty kinds', () => {
    assert.ok(names.length > 20, `${names.length}`);
  });

  for (const name of names) {
    it(`run with the import changed: ${name}`, async () => {
      const isTyped = name.endsWith('.ts');
      const printed = await Promise.all(
        ['client', 'library'].map(async (folder) => {
          const path = join(folder, name);
          if (isTyped) await compile(project, ['--module', 'nodenext', '--esModuleInterop', path]);
          const { stdout } = await run(process.execPath, [path.replace(/ts$/, 'js')], { cwd: project });
          return stdout;
        }),
      );
      const [theirs = '', ours = ''] = printed.map(normalize);
      assert.ok(theirs.length > 0);
      assert.equal(ours, theirs);
    });
  }
});

/** What a program printed, without the deviations that the documentation lists. */
function normalize(text: string): string {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) =>
      line.replace(/^(\w+)\{(.*)\}( \S+| # .*)$/, (_, name, labels, end) => formatSample(name, labels, end)),
    )
    .sort() // the order of header lines and of labels has no meaning
    .join('\n');
}

function formatSample(name: string, labels: string, end: string): string {
  const present = labels
    .split(/,(?=\w+=")/)
    .filter((label) => !label.endsWith('=""'))
    // OpenMetrics writes a whole bound as 1.0
    .map((label) => label.replace(/^le="(\d+)"$/, 'le="$1.0"'));
  return present.length === 0 ? `${name}${end}` : `${name}{${present.sort().join()}}${end}`;
}

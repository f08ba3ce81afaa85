import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { previousRelease } from '../../scripts/previous-release.ts';
import { REPOSITORY, type RunningServer, startService, temporaryFolder } from '../support/processes.ts';
import type { Scope } from '../support/scope.ts';

/** One version of the whole system, in a folder of its own. */
export interface Release {
  readonly name: string;
  readonly folder: string;
}

export type ServiceName = 'orchestrator' | 'workers';

export const THIS_RELEASE: Release = { name: 'this', folder: REPOSITORY };

/** Takes the previous release out of the history, and installs the packages that its own lock names. */
export async function installPreviousRelease(scope: Scope): Promise<Release> {
  const folder = await temporaryFolder(scope);
  const commit = previousRelease(REPOSITORY);
  const archive = execFileSync('git', ['archive', commit], { cwd: REPOSITORY, maxBuffer: 2 ** 30 });
  execFileSync('tar', ['-x', '-C', folder], { input: archive });
  const args = ['ci', '--omit=dev', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
  const { status, stderr } = spawnSync('npm', args, { cwd: folder, encoding: 'utf8' });
  if (status !== 0)
    throw new Error(`expected exit code 0 of npm ${args.join(' ')}; got ${status}: ${stderr}`);
  return { name: `previous (${commit})`, folder };
}

export function startOf(
  scope: Scope,
  release: Release,
  service: ServiceName,
  env: NodeJS.ProcessEnv,
): Promise<RunningServer> {
  return startService(scope, join(release.folder, `src/${service}/main.ts`), env);
}

import { execFileSync } from 'node:child_process';

/**
 * What stands for the previous release while no tag does: the last commit before the work on upgrades. It is the one
 * place that names it.
 */
const BASELINE = '0f2166d25d3c4ec2574022dfa1a94457fe5e4ef1';

/**
 * Returns the newest release tag before HEAD, or the baseline. Throws, with what to do, where the history does not have
 * it: in a shallow clone.
 */
export function previousRelease(folder: string): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  let found = BASELINE;
  try {
    found = git('describe', '--tags', '--abbrev=0', '--match', 'v[0-9]*', 'HEAD^');
  } catch {
    // no tag
  }
  try {
    git('cat-file', '-e', `${found}^{commit}`);
  } catch {
    throw new Error(`expected the history to have ${found}; got none: run git fetch --unshallow --tags`);
  }
  return found;
}

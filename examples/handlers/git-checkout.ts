import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Boundary, findRepository, isWithin, type RepositoryFolders } from './git-boundary.ts';
import { GitFailed, runGit } from './git-command.ts';
import { payloadError } from './permanent-error.ts';

/** A git checkout whose files and repository lie in the workspace. */
export interface GitCheckout {
  readonly root: string;
  /** Runs git in the checkout and returns its output, at most 64 MiB. */
  git(args: readonly string[]): Promise<string>;
}

/**
 * Opens the checkout at `path`, which is absolute or relative to the workspace. Throws PermanentError unless the path,
 * symlinks followed, is the top folder of a checkout, and all that git reads there lies in the workspace. Git runs
 * neither hooks nor programs that the checkout's own configuration names.
 */
export async function openCheckout(
  workspacePath: string,
  path: string,
  signal: AbortSignal,
): Promise<GitCheckout> {
  const workspace = await realpath(workspacePath);
  const root = await realpath(resolve(workspace, path)).catch(() => undefined);
  // One message for both cases: nobody can learn from it what exists outside the workspace.
  if (root === undefined || !isWithin(workspace, root)) {
    throw payloadError('path', 'a folder in the workspace', path);
  }
  const refuse = (reason: string) => payloadError('path', 'a git checkout', path, reason);
  const boundary = { workspace, signal, refuse };
  const folders = await findRepository(root, boundary);
  const checkout = { root, git: (args: readonly string[]) => runGit(root, args, signal) };
  await requireSameView(checkout, folders, boundary);
  return checkout;
}

/** Throws unless git, too, sees the checked folders as those of this checkout. */
async function requireSameView(
  { root, git }: GitCheckout,
  { repository, common }: RepositoryFolders,
  { refuse }: Boundary,
): Promise<void> {
  const options = ['--show-toplevel', '--absolute-git-dir', '--git-common-dir'];
  const output = await git(['rev-parse', ...options]).catch((error: Error) => {
    throw error instanceof GitFailed ? refuse(error.message) : error;
  });
  const lines = output.trimEnd().split('\n');
  const seen = await Promise.all(lines.map((line) => realpath(resolve(root, line)).catch(() => undefined)));
  if (seen.join('\n') !== [root, repository, common].join('\n')) {
    throw refuse('git finds its working tree or its repository in another folder');
  }
}

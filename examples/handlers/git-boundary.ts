import { lstat, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { GitFailed, runGit } from './git-command.ts';

/** Where the files of a repository are, symlinks resolved. The two differ in a linked worktree. */
export interface RepositoryFolders {
  readonly repository: string;
  readonly common: string;
}

export interface Boundary {
  /** Nothing outside this folder may be read. As realpath returns it. */
  readonly workspace: string;
  readonly signal: AbortSignal;
  /** Returns the error for a checkout that leads out of the workspace. */
  readonly refuse: (reason: string) => Error;
}

/**
 * Finds the repository of the checkout at `root`, and throws unless all that git reads there lies in the workspace. Git
 * itself cannot check this: it follows symlinks and includes of the configuration when it opens a repository. Whoever
 * can write to the workspace can still replace a file between this check and git's read.
 */
export async function findRepository(root: string, boundary: Boundary): Promise<RepositoryFolders> {
  const { refuse } = boundary;
  const repository = await findGitFolder(root, boundary);
  const seen = new Set<string>();
  await requireInside(repository, boundary, seen);
  const pointer = await readIfFile(join(repository, 'commondir'));
  const common = pointer === undefined ? repository : await inside(resolve(repository, pointer), boundary);
  await requireInside(common, boundary, seen);

  const alternates = await readIfFile(join(common, 'objects/info/alternates'));
  if (alternates) throw refuse('it borrows objects from another repository (objects/info/alternates)');
  for (const folder of new Set([repository, common])) {
    for (const name of ['config', 'config.worktree']) {
      await requireOwnConfig(join(folder, name), { root, repository }, boundary);
    }
  }
  if (await leadsOut(join(root, '.mailmap'), boundary))
    throw refuse('its .mailmap lies outside the workspace');
  return { repository, common };
}

/** Whether `path` is `folder` or lies in it. Both must come from realpath. */
export function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith('../') && !isAbsolute(way);
}

/** `.git` is a folder, a symlink to one, or a file with its path. */
async function findGitFolder(root: string, boundary: Boundary): Promise<string> {
  const path = join(root, '.git');
  if ((await lstat(path).catch(() => undefined)) === undefined) {
    throw boundary.refuse('it is not the top folder of a checkout: it has no .git');
  }
  const folder = await inside(path, boundary);
  if ((await stat(folder)).isDirectory()) return folder;
  const [, pointer] = /^gitdir: (.+)$/s.exec((await readIfFile(folder)) ?? '') ?? [];
  if (pointer === undefined) throw boundary.refuse('its .git has an unknown form');
  return inside(resolve(root, pointer), boundary);
}

/** Returns the real path of a folder of the repository. Throws when it lies outside the workspace or does not exist. */
async function inside(path: string, { workspace, refuse }: Boundary): Promise<string> {
  const real = await realpath(path).catch(() => undefined);
  if (real === undefined || !isWithin(workspace, real)) {
    throw refuse('its repository lies outside the workspace');
  }
  return real;
}

/** Throws when a symlink in the folder leads out of the workspace, or when a file would block who reads it. */
async function requireInside(folder: string, boundary: Boundary, seen: Set<string>): Promise<void> {
  if (seen.has(folder)) return;
  seen.add(folder);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    boundary.signal.throwIfAborted();
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (entry.name !== 'hooks') await requireInside(path, boundary, seen); // git runs no hooks here
    } else if (entry.isSymbolicLink()) {
      if (await leadsOut(path, boundary)) {
        throw boundary.refuse(
          `its repository has a symlink out of the workspace or to nothing (${entry.name})`,
        );
      }
      const target = await realpath(path);
      if ((await stat(target)).isDirectory()) await requireInside(target, boundary, seen);
    } else if (!entry.isFile() && !entry.isSocket()) {
      throw boundary.refuse(`its repository contains ${entry.name}, which is not a regular file`);
    }
  }
}

/** Throws when a configuration file includes another file, or names a working tree that is not this one. */
async function requireOwnConfig(
  path: string,
  { root, repository }: { root: string; repository: string },
  { signal, refuse }: Boundary,
): Promise<void> {
  if ((await readIfFile(path)) === undefined) return;
  // With an empty GIT_DIR git reads this file alone, not the configuration of the repository around it.
  const list = ['config', '--file', path, '--no-includes', '--null', '--list'];
  const output = await runGit(repository, list, signal, { GIT_DIR: '/dev/null' }).catch((error: Error) => {
    throw error instanceof GitFailed ? refuse(error.message) : error;
  });
  for (const entry of output.split('\0')) {
    const [key = '', ...lines] = entry.split('\n');
    if (/^include(if)?\./.test(key)) throw refuse('its configuration includes another file');
    if (key !== 'core.worktree') continue;
    const worktree = await realpath(resolve(repository, lines.join('\n'))).catch(() => undefined);
    if (worktree !== root) throw refuse('its configuration names another working tree (core.worktree)');
  }
}

/** Whether the path exists and its real path does not lie in the workspace. */
async function leadsOut(path: string, { workspace }: Boundary): Promise<boolean> {
  if ((await lstat(path).catch(() => undefined)) === undefined) return false;
  const real = await realpath(path).catch(() => undefined);
  return real === undefined || !isWithin(workspace, real);
}

/** Returns the trimmed text of a small file; undefined when there is no such file. */
async function readIfFile(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ? (await readFile(path, 'utf8')).trim() : undefined;
}

import { execFile } from 'node:child_process';
import { readFile, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { payloadError } from './permanent-error.ts';

const execute = promisify(execFile);
const MAX_OUTPUT_BYTES = 64 * 1_048_576;

/** A git checkout whose files and repository lie in the workspace. */
export interface GitCheckout {
  readonly root: string;
  /** Runs git in the checkout and returns its output, at most 64 MiB. */
  git(args: readonly string[]): Promise<string>;
}

/**
 * Opens the checkout at `path`, which is absolute or relative to the workspace. Throws PermanentError unless the path,
 * symlinks followed, is the top folder of a checkout in the workspace. Git runs neither hooks nor programs that the
 * checkout's own configuration names.
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
  const checkout = { root, git: (args: readonly string[]) => runGit(root, args, signal) };
  const places = await locate(checkout, path);
  if (places.top !== root) throw notCheckout(path, 'it is not the top folder of a checkout');
  for (const place of [places.repository, places.common, places.objects]) {
    if (!isWithin(workspace, place)) throw notCheckout(path, 'its repository lies outside the workspace');
  }
  if (await hasAlternates(places.objects)) {
    throw notCheckout(path, 'it borrows objects from another repository (objects/info/alternates)');
  }
  return checkout;
}

/** Whether `path` is `folder` or lies in it. Both must come from realpath. */
export function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith('../') && !isAbsolute(way);
}

async function locate(checkout: GitCheckout, path: string) {
  const options = ['--show-toplevel', '--absolute-git-dir', '--git-common-dir', '--git-path', 'objects'];
  const output = await checkout.git(['rev-parse', ...options]).catch((error: Error & { code?: unknown }) => {
    if (error.code === 'ENOENT' || error.name === 'AbortError') throw error;
    throw notCheckout(path, error.message);
  });
  const lines = output.trimEnd().split('\n');
  const [top, repository, common, objects] = await Promise.all(
    lines.map((line) => realpath(resolve(checkout.root, line)).catch(() => '/')),
  );
  if (!top || !repository || !common || !objects || lines.length !== 4) {
    throw notCheckout(path, 'the output of git rev-parse has an unknown form');
  }
  return { top, repository, common, objects };
}

async function hasAlternates(objects: string): Promise<boolean> {
  const text = await readFile(join(objects, 'info/alternates'), 'utf8').catch(() => '');
  return text.trim() !== '';
}

function notCheckout(path: string, reason: string): Error {
  return payloadError('path', 'a git checkout', path, reason);
}

async function runGit(root: string, args: readonly string[], signal: AbortSignal): Promise<string> {
  const guarded = ['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', '--no-pager', ...args];
  const env = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    LC_ALL: 'C.UTF-8',
    GIT_CEILING_DIRECTORIES: dirname(root),
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    // A partial clone would fetch missing objects, with the program and from the address in its configuration.
    GIT_NO_LAZY_FETCH: '1',
    GIT_ALLOW_PROTOCOL: 'none',
  };
  try {
    const options = { cwd: root, env, signal, maxBuffer: MAX_OUTPUT_BYTES, encoding: 'utf8' } as const;
    return (await execute('git', guarded, options)).stdout;
  } catch (error) {
    const { name, code, stderr } = error as Error & { code?: unknown; stderr?: string }; // of execFile
    if (name === 'AbortError') throw error;
    if (code === 'ENOENT') throw Object.assign(new Error('expected git on PATH; found none'), { code });
    const said = stderr?.trim().slice(0, 500) || String((error as Error).message).slice(0, 500);
    throw new Error(`git ${args[0]}: ${said}`, { cause: error });
  }
}

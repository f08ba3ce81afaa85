import { realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TaskHandler } from '../../src/workers/handler.ts';
import { type GitCheckout, isWithin, openCheckout } from './git-checkout.ts';
import { languageOf } from './languages.ts';
import { countLines } from './line-count.ts';
import { payloadError } from './permanent-error.ts';

export interface RepositoryReport {
  /** Commits reachable from HEAD. */
  readonly commits: number;
  /** The 1,000 authors with the most commits, largest number first. */
  readonly authors: readonly { readonly name: string; readonly commits: number }[];
  /** Number of tracked files. Symlinks and submodules do not count. */
  readonly files: number;
  /** Lines of the text files in the working tree, up to 5 MiB each; largest number first. */
  readonly lines_by_language: Readonly<Record<string, number>>;
}

const MAX_AUTHORS = 1_000;
const FILES_AT_ONCE = 8;
const REGULAR_FILE = /^100(?:644|755) /;

/** Returns a handler for the payload `{path}`. It reports on the git checkout there, which must lie in `workspacePath`. */
export function repositoryReport(workspacePath: string): TaskHandler {
  return async ({ payload, signal }): Promise<RepositoryReport> => {
    const checkout = await openCheckout(workspacePath, pathOf(payload), signal);
    const files = await listFiles(checkout);
    const { commits, authors } = await readHistory(checkout);
    return {
      commits,
      authors,
      files: files.length,
      lines_by_language: await countByLanguage(checkout, files, signal),
    };
  };
}

function pathOf(payload: unknown): string {
  const path =
    typeof payload === 'object' && payload !== null && 'path' in payload ? payload.path : undefined;
  if (typeof path === 'string' && path !== '' && !path.includes('\0')) return path;
  throw payloadError('path', 'the path of a git checkout, a string', path);
}

/** Git lists a file with a merge conflict once for each side. The set keeps it once. */
async function listFiles(checkout: GitCheckout): Promise<string[]> {
  const entries = (await checkout.git(['ls-files', '-z', '--stage'])).split('\0');
  const regular = entries.filter((entry) => REGULAR_FILE.test(entry));
  return [...new Set(regular.map((entry) => entry.slice(entry.indexOf('\t') + 1)))];
}

async function readHistory(checkout: GitCheckout): Promise<Pick<RepositoryReport, 'commits' | 'authors'>> {
  if (await isUnborn(checkout)) return { commits: 0, authors: [] };
  const commits = Number(await checkout.git(['rev-list', '--count', 'HEAD', '--']));
  const lines = (await checkout.git(['shortlog', '-s', '-n', 'HEAD', '--'])).split('\n');
  const authors = lines.slice(0, MAX_AUTHORS).flatMap((line) => {
    const [count, name] = line.split('\t');
    return count === undefined || name === undefined ? [] : [{ name, commits: Number(count) }];
  });
  return { commits, authors };
}

/** Whether the checkout has no commit yet. */
async function isUnborn(checkout: GitCheckout): Promise<boolean> {
  try {
    await checkout.git(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']);
    return false;
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') throw error;
    return true;
  }
}

async function countByLanguage(
  { root }: GitCheckout,
  files: readonly string[],
  signal: AbortSignal,
): Promise<Record<string, number>> {
  const counts = new Map<string, number>();
  const isInside = folderCheck(root);
  const queue = files.values();
  const countNext = async () => {
    for (const file of queue) {
      signal.throwIfAborted();
      const path = join(root, file);
      const lines = (await isInside(dirname(path))) ? await countLines(path) : undefined;
      if (lines === undefined) continue;
      const language = languageOf(file);
      counts.set(language, (counts.get(language) ?? 0) + lines);
    }
  };
  await Promise.all(Array.from({ length: FILES_AT_ONCE }, countNext));
  return Object.fromEntries([...counts].sort(([, a], [, b]) => b - a));
}

/** A tracked path leads outside when a symlink has replaced one of its folders. */
function folderCheck(root: string): (folder: string) => Promise<boolean> {
  const known = new Map<string, Promise<boolean>>();
  return (folder) => {
    const check =
      known.get(folder) ??
      realpath(folder).then(
        (real) => isWithin(root, real),
        () => false,
      );
    known.set(folder, check);
    return check;
  };
}

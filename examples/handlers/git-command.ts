import { execFile } from 'node:child_process';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const MAX_OUTPUT_BYTES = 64 * 1_048_576;

/** Settings that win over the configuration of a checkout: git runs no program and reads no file that it names. */
const OVERRIDES = [
  'core.fsmonitor=false',
  'core.hooksPath=/dev/null',
  'core.attributesFile=/dev/null',
  'core.excludesFile=/dev/null',
  'mailmap.file=/dev/null',
  'i18n.logOutputEncoding=UTF-8',
].flatMap((setting) => ['-c', setting]);

/** Git ran and ended with an error: the checkout is not as git expects it. */
export class GitFailed extends Error {
  override readonly name = 'GitFailed';
}

/**
 * Runs git in a folder and returns its output, at most 64 MiB. `environment` adds variables. Throws GitFailed with what
 * git says.
 */
export async function runGit(
  folder: string,
  args: readonly string[],
  signal: AbortSignal,
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const env = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    LC_ALL: 'C.UTF-8',
    GIT_CEILING_DIRECTORIES: dirname(folder),
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    // A partial clone would fetch missing objects, with the program and from the address in its configuration.
    GIT_NO_LAZY_FETCH: '1',
    GIT_ALLOW_PROTOCOL: 'none',
    ...environment,
  };
  try {
    const options = { cwd: folder, env, signal, maxBuffer: MAX_OUTPUT_BYTES, encoding: 'utf8' } as const;
    return (await execute('git', [...OVERRIDES, '--no-pager', ...args], options)).stdout;
  } catch (error) {
    const { name, code, stderr } = error as Error & { code?: unknown; stderr?: string }; // of execFile
    if (name === 'AbortError') throw error;
    if (code === 'ENOENT') throw new Error('expected git on PATH; found none', { cause: error });
    const said = stderr?.trim().slice(0, 500) || String((error as Error).message).slice(0, 500);
    throw new GitFailed(`git ${args[0]}: ${said}`, { cause: error });
  }
}

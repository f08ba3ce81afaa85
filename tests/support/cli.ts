import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type CliProcess, runCli as runInThisProcess } from '../../src/cli/run-cli.ts';
import { BARE_ENV, REPOSITORY } from './processes.ts';

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface CliOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  readonly cwd?: string;
}

/** Runs `asdlc` from the sources until it ends. It gets PATH and the given variables only. */
export async function runCli(
  args: readonly string[],
  { env, input = '', cwd }: CliOptions = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [join(REPOSITORY, 'src/cli/main.ts'), ...args], {
    cwd: cwd ?? REPOSITORY,
    env: { ...BARE_ENV, HOME: process.env.HOME, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => undefined); // the command may end before it reads
  child.stdin.end(input);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, out, err };
}

/** Runs a command of `asdlc` in this process: a start costs ten times what most commands do. */
export async function callCli(
  args: readonly string[],
  { env = {}, input = '' }: Omit<CliOptions, 'cwd'> = {},
): Promise<Ended> {
  const [stdin, stdout, stderr] = [Readable.from([input]), new PassThrough(), new PassThrough()];
  // Commands only read and write these streams, and look whether they are terminals.
  const around = { stdin, stdout, stderr, env } as unknown as CliProcess;
  const ended = runInThisProcess(args, around).finally(() => {
    stdout.end();
    stderr.end();
  });
  const [out, err, code = null] = await Promise.all([text(stdout), text(stderr), ended]);
  return { code, out, err };
}

import { spawnSync } from 'node:child_process';

export interface Outcome {
  readonly isOk: boolean;
  readonly stdout: string;
  /** The end of all that it printed: what an error message shows. */
  readonly tail: string;
}

/** Runs a program in a folder. A program that cannot be started counts as failed. */
export function run(folder: string, program: string, args: readonly string[]): Outcome {
  const options = { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 28 } as const;
  const { status, stdout, stderr, error } = spawnSync(program, args, options);
  const lines = `${stdout ?? ''}\n${stderr ?? ''}\n${error ?? ''}`.split('\n').filter((line) => line.trim());
  return { isOk: status === 0, stdout: stdout ?? '', tail: lines.slice(-15).join('\n') };
}

/** Returns what it printed; throws when it failed. */
export function output(folder: string, program: string, args: readonly string[]): string {
  const { isOk, stdout, tail } = run(folder, program, args);
  if (!isOk) throw new Error(`expected ${program} ${args.join(' ')} to pass; got:\n${tail}`);
  return stdout;
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, closeSync, constants, openSync, renameSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { childEnvironment, type Environment } from '../shared/config.ts';
import { programMissing } from './errors.ts';

export interface ProcessPlan {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly environment?: Environment;
  /** Takes standard output and error. What an earlier start left there is kept as NAME.1.log. */
  readonly logPath: string;
  /** A Node process of ours: it logs as pino does, and ends by itself when the IPC to its parent is cut. */
  readonly isOurs: boolean;
  /** From SIGTERM to SIGKILL. */
  readonly stopLimitMs: number;
}

/** One child process, in a process group of its own so that the terminal's Ctrl-C does not reach it. */
export class ManagedProcess {
  readonly plan: ProcessPlan;
  readonly pid: number;
  /** How it ended: "exit code 1" or "signal SIGKILL". */
  readonly exited: Promise<string>;
  readonly #child: ChildProcess;

  constructor(plan: ProcessPlan, child: ChildProcess, pid: number) {
    this.plan = plan;
    this.pid = pid;
    this.#child = child;
    this.exited = once(child, 'exit').then(([code, signal]) =>
      signal === null ? `exit code ${code}` : `signal ${signal}`,
    );
    child.on('error', () => undefined); // a signal or message that came too late
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  terminate(): void {
    if (this.isRunning) this.#child.kill('SIGTERM');
  }

  /** With whatever it started in its group. */
  kill(): void {
    try {
      if (this.isRunning) process.kill(-this.pid, 'SIGKILL');
    } catch {
      // it has just ended
    }
  }

  /** SIGTERM, then SIGKILL after the plan's limit or `limitMs`. Returns how it ended. */
  async stop(limitMs = Number.POSITIVE_INFINITY): Promise<string> {
    this.terminate();
    const killAfterMs = Math.min(this.plan.stopLimitMs, limitMs);
    const timer = new AbortController();
    const late = sleep(killAfterMs, 'late', { signal: timer.signal }).catch(() => 'stopped');
    if ((await Promise.race([this.exited, late])) === 'late') this.kill();
    timer.abort();
    return this.exited;
  }
}

/** Throws ASDLC_PROGRAM_MISSING when the program cannot be run. */
export async function startProcess(plan: ProcessPlan): Promise<ManagedProcess> {
  rotate(plan.logPath);
  const log = openSync(plan.logPath, 'a');
  const child = spawn(plan.command, plan.args, {
    env: childEnvironment(plan.environment ?? {}),
    detached: true,
    stdio: plan.isOurs ? ['ignore', log, log, 'ipc'] : ['ignore', log, log],
  });
  closeSync(log);
  if (child.pid !== undefined) return new ManagedProcess(plan, child, child.pid);
  const [error] = (await once(child, 'error')) as [Error]; // what ChildProcess emits
  throw programMissing(`${plan.name} cannot be started: ${error.message}`);
}

/**
 * The first of these programs that is on PATH. Throws ASDLC_PROGRAM_MISSING, with what to do.
 */
export function findProgram(names: readonly string[], variable: string): string {
  for (const folder of (childEnvironment({}).PATH ?? '').split(delimiter)) {
    for (const name of names) {
      const path = join(folder, name);
      if (folder !== '' && isProgram(path)) return path;
    }
  }
  throw programMissing(
    `${names.join(' or ')} was expected on PATH, and is not there: \`npm start\` installs it or says how; or set ${variable}`,
  );
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function rotate(path: string): void {
  try {
    renameSync(path, path.replace(/\.log$/, '.1.log'));
  } catch {
    // the first start here
  }
}

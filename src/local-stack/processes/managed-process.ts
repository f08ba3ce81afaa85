import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { childEnvironment, type Environment } from '../../shared/config.ts';
import { programMissing } from '../command-line/errors.ts';

/** How to start and stop a child process. */
export interface ProcessPlan {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Variables beside those of this process. */
  readonly environment?: Environment;
  /** The file for standard output and standard error. */
  readonly logPath: string;
  /** Whether it is a Node process of asdlc: it logs in pino's format, and it ends when its IPC channel closes. */
  readonly isNodeService: boolean;
  /** The time from SIGTERM to SIGKILL. */
  readonly stopLimitMs: number;
}

/** A child process. It has a process group of its own, so that the terminal's Ctrl-C does not reach it. */
export class ManagedProcess {
  readonly plan: ProcessPlan;
  readonly pid: number;
  /** Resolves with how it ended: "exit code 1" or "signal SIGKILL". */
  readonly exited: Promise<string>;
  readonly #child: ChildProcess;

  constructor(plan: ProcessPlan, child: ChildProcess, pid: number) {
    this.plan = plan;
    this.pid = pid;
    this.#child = child;
    this.exited = once(child, 'exit').then(([code, signal]) =>
      signal === null ? `exit code ${code}` : `signal ${signal}`,
    );
    child.on('error', () => undefined); // a signal came after its end
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  terminate(): void {
    if (this.isRunning) this.#child.kill('SIGTERM');
  }

  /** Sends SIGKILL to it and to everything that it started in its process group. */
  kill(): void {
    try {
      if (this.isRunning) process.kill(-this.pid, 'SIGKILL');
    } catch {
      // it has just ended
    }
  }

  /** Sends SIGTERM, then SIGKILL after the plan's limit or `limitMs`, whichever is shorter. Returns how it ended. */
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

/** Starts a child that appends to its log. Throws ASDLC_PROGRAM_MISSING when the program cannot be run. */
export async function startProcess(plan: ProcessPlan): Promise<ManagedProcess> {
  const log = openSync(plan.logPath, 'a');
  const child = spawn(plan.command, plan.args, {
    env: childEnvironment(plan.environment ?? {}),
    detached: true,
    stdio: plan.isNodeService ? ['ignore', log, log, 'ipc'] : ['ignore', log, log],
  });
  closeSync(log);
  if (child.pid !== undefined) return new ManagedProcess(plan, child, child.pid);
  const [error] = (await once(child, 'error')) as [Error]; // what ChildProcess emits
  throw programMissing(`Cannot start ${plan.name}: ${error.message}`);
}

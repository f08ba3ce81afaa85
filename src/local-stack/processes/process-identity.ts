import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Tells one process from another. A process id is not enough: the system gives the id of an ended process away. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot on Linux, a date elsewhere. Compare it only with another value from this machine. */
  readonly startedAt: string;
  readonly command: string;
}

/** Returns undefined when no such process runs. A zombie does not run. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  return process.platform === 'linux' ? readProc(pid) : readPs(pid);
}

/** Whether exactly this process still runs. Ignores the command, because redis-server changes its own. */
export function isRunning({ pid, startedAt }: ProcessIdentity): boolean {
  return identifyProcess(pid)?.startedAt === startedAt;
}

function readProc(pid: number): ProcessIdentity | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // proc(5): the second field is the name in parentheses, and may itself contain spaces and parentheses.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const startedAt = fields[18]; // field 22, starttime
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return state === 'Z' || startedAt === undefined ? undefined : { pid, startedAt, command };
  } catch {
    return undefined;
  }
}

/** For systems without /proc. */
export function readPs(pid: number): ProcessIdentity | undefined {
  try {
    const columns = ['-o', 'stat=', '-o', 'lstart=', '-o', 'command='];
    const line = execFileSync('ps', [...columns, '-p', String(pid)], {
      encoding: 'utf8',
      env: { PATH: '/bin:/usr/bin', LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const match = /^\s*(\S+)\s+(\S+\s+\S+\s+\S+\s+\S+\s+\d{4})\s+(.*\S)\s*$/.exec(line);
    const [, state, startedAt, command] = match ?? [];
    if (state === undefined || startedAt === undefined || command === undefined) return undefined;
    return state.startsWith('Z') ? undefined : { pid, startedAt, command };
  } catch {
    return undefined;
  }
}

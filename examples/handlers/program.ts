import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import type { TaskHandler } from '../../src/workers/handler.ts';
import { PermanentError } from './permanent-error.ts';

export interface ProgramOptions {
  /** The program and its arguments. No shell interprets them. */
  readonly command: readonly string[];
  readonly cwd?: string;
  /** Further variables. The program inherits only PATH, HOME and LANG. */
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly maxOutputBytes: number;
  /** The time from SIGTERM to SIGKILL; 2,000 by default. */
  readonly killAfterMs?: number;
}

const STDERR_TAIL_BYTES = 2_048;

/**
 * Returns a handler that runs a program for each attempt. The program gets `{id, event_type, attempt, payload}` as JSON
 * on standard input, and prints the result as JSON on standard output. The attempt fails on a non-zero exit code, at the
 * time limit, and on too much output. Then, and when the attempt is aborted, the handler ends the whole process group.
 */
export function program(options: ProgramOptions): TaskHandler {
  return async ({ id, eventType, attempt, payload, signal }) => {
    signal.throwIfAborted();
    const child = start(options);
    if (running.add(child).size === 1) process.on('exit', killRunning);
    const input = JSON.stringify({ id, event_type: eventType, attempt, payload });
    try {
      return parse(await communicate(child, input, options, signal), options);
    } finally {
      running.delete(child);
      if (running.size === 0) process.off('exit', killRunning);
    }
  };
}

/** The running programs of all handlers. When the worker process exits, it kills them. */
const running = new Set<ChildProcessWithoutNullStreams>();

function killRunning(): void {
  for (const child of running) signalGroup(child, 'SIGKILL');
}

function start({ command: [file = '', ...args], cwd, env }: ProgramOptions): ChildProcessWithoutNullStreams {
  const { PATH, HOME, LANG } = process.env;
  // Its own process group: the handler can end what the program has started, too.
  return spawn(file, args, { cwd, env: { PATH, HOME, LANG, ...env }, detached: true });
}

/** Resolves with the standard output when the program ends with exit code 0; rejects otherwise. */
function communicate(
  child: ChildProcessWithoutNullStreams,
  input: string,
  { command, timeoutMs, maxOutputBytes, killAfterMs = 2_000 }: ProgramOptions,
  signal: AbortSignal,
): Promise<string> {
  return new Promise((resolve, reject) => {
    let failure: unknown;
    let killTimer: NodeJS.Timeout | undefined;
    const end = (reason: unknown) => {
      if (failure !== undefined) return;
      failure = reason;
      signalGroup(child, 'SIGTERM');
      killTimer = setTimeout(signalGroup, killAfterMs, child, 'SIGKILL');
    };
    const onAbort = () => end(signal.reason);
    const timer = setTimeout(
      () => end(new Error(`${command[0]}: expected its end within ${timeoutMs} ms; it still ran`)),
      timeoutMs,
    );
    signal.addEventListener('abort', onAbort, { once: true });

    const output = collect(child.stdout, maxOutputBytes, () =>
      end(new PermanentError(`${command[0]}: expected at most ${maxOutputBytes} bytes of output; got more`)),
    );
    const complaint = collectTail(child.stderr, STDERR_TAIL_BYTES);
    child.stdin.on('error', () => undefined); // EPIPE: a program may leave its input unread
    child.stdin.end(input);

    child.on('error', (error) => end(new PermanentError(`Cannot run ${command[0]}: ${error.message}`)));
    child.on('exit', () => {
      // A process that it left behind would keep its output open, and would run on unnoticed.
      signalGroup(child, 'SIGKILL');
      setTimeout(() => closeOutput(child), killAfterMs).unref();
    });
    child.on('close', (code, endedBy) => {
      clearTimeout(timer);
      clearTimeout(killTimer);
      signal.removeEventListener('abort', onAbort);
      if (failure !== undefined) return reject(failure);
      if (code === 0) return resolve(output());
      const how = code === null ? `signal ${endedBy}` : `exit code ${code}`;
      reject(new Error(`${command[0]} ended with ${how}: ${complaint().trim()}`));
    });
  });
}

function parse(text: string, { command }: ProgramOptions): unknown {
  if (text.trim() === '') return null;
  try {
    return JSON.parse(text);
  } catch (error) {
    const got = text.slice(0, 300).trim();
    throw new Error(`${command[0]}: expected JSON on standard output; got ${got}`, { cause: error });
  }
}

function collect(stream: NodeJS.ReadableStream, maxBytes: number, onOverflow: () => void): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= maxBytes) chunks.push(chunk);
    else onOverflow();
  });
  return () => Buffer.concat(chunks).toString('utf8');
}

function collectTail(stream: NodeJS.ReadableStream, maxBytes: number): () => string {
  let tail = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    tail = Buffer.concat([tail, chunk]).subarray(-maxBytes);
  });
  return () => tail.toString('utf8');
}

/** For a process that has left the group and still keeps the output open. */
function closeOutput({ stdout, stderr }: ChildProcessWithoutNullStreams): void {
  stdout.destroy();
  stderr.destroy();
}

function signalGroup(child: ChildProcessWithoutNullStreams, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // the group has no process left
  }
}

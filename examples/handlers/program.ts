import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import type { TaskHandler } from '../../src/workers/handler.ts';
import { PermanentError } from './permanent-error.ts';

export interface ProgramOptions {
  /** The program and its arguments, as they are: no shell reads them. */
  readonly command: readonly string[];
  readonly cwd?: string;
  /** Beside PATH, HOME and LANG, which are all the program inherits. */
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly maxOutputBytes: number;
  /** From SIGTERM to SIGKILL; 2 s unless given. */
  readonly killAfterMs?: number;
}

const STDERR_TAIL_BYTES = 2_048;

/**
 * A handler that runs a program for each task: `{id, event_type, attempt, payload}` as JSON on its standard input, its
 * result as JSON on its standard output. It fails with a non-zero exit code, at the time limit, or with too much
 * output; then, and when the task is aborted, everything in the program's process group is ended.
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

/** What runs now, over all handlers: a process that ends in the midst of it takes it along. */
const running = new Set<ChildProcessWithoutNullStreams>();

function killRunning(): void {
  for (const child of running) signalGroup(child, 'SIGKILL');
}

function start({ command: [file = '', ...args], cwd, env }: ProgramOptions): ChildProcessWithoutNullStreams {
  const { PATH, HOME, LANG } = process.env;
  // A process group of its own, so that what the program has started can be ended with it.
  return spawn(file, args, { cwd, env: { PATH, HOME, LANG, ...env }, detached: true });
}

/** Resolves with the standard output of a program that ended with exit code 0. */
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
      () => end(new Error(`${command[0]} did not end within ${timeoutMs} ms`)),
      timeoutMs,
    );
    signal.addEventListener('abort', onAbort, { once: true });

    const output = collect(child.stdout, maxOutputBytes, () =>
      end(new PermanentError(`${command[0]}: expected at most ${maxOutputBytes} bytes of output; more came`)),
    );
    const complaint = collectTail(child.stderr, STDERR_TAIL_BYTES);
    child.stdin.on('error', () => undefined); // EPIPE: it need not read its input
    child.stdin.end(input);

    child.on('error', (error) => end(new PermanentError(`${command[0]} cannot be run: ${error.message}`)));
    child.on('exit', () => {
      // What it left running would hold its output open, and run on unseen.
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
    const given = text.slice(0, 300).trim();
    throw new Error(`${command[0]}: expected JSON on standard output; got ${given}`, { cause: error });
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

/** For what has left the group, and holds the output open still. */
function closeOutput({ stdout, stderr }: ChildProcessWithoutNullStreams): void {
  stdout.destroy();
  stderr.destroy();
}

function signalGroup(child: ChildProcessWithoutNullStreams, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // nothing of it is left
  }
}

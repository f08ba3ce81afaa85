import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

const TAIL_BYTES = 16_384;
const MAX_READ_BYTES = 1_048_576;

export interface ReadableLine {
  readonly level: number;
  readonly text: string;
  /** The task that the line is about, if any. */
  readonly eventType?: string | undefined;
  readonly taskId?: string | undefined;
}

/** Returns a pino line as its message and the message of its error. Any other line stays as it is, with level 0. */
export function readableLine(line: string): ReadableLine {
  const entry = parseEntry(line);
  if (entry === undefined) return { level: 0, text: printable(line) };
  const cause = entry.error?.message ?? entry.err?.message ?? entry.reason;
  const text = [entry.msg, cause].filter((part) => typeof part === 'string').join(': ');
  const eventType = printableField(entry.event_type);
  return { level: entry.level, text: printable(text), eventType, taskId: printableField(entry.task_id) };
}

/** Returns the last lines of a log in readable form; none when the file is empty or missing. */
export function lastLines(path: string, count: number): string[] {
  const lines = readLogFrom(path, -TAIL_BYTES).toString('utf8').split('\n');
  return lines
    .filter((line) => line.trim() !== '')
    .slice(-count)
    .map((line) => readableLine(line).text.slice(0, 300));
}

/**
 * Returns the bytes of a file from `offset` on, at most 1 MiB; none when it cannot be read. A negative offset counts
 * from the end.
 */
export function readLogFrom(path: string, offset: number): Buffer {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const { size } = fstatSync(file);
    const start = offset < 0 ? Math.max(0, size + offset) : offset;
    const buffer = Buffer.alloc(Math.max(0, Math.min(size - start, MAX_READ_BYTES)));
    return buffer.subarray(0, readSync(file, buffer, 0, buffer.length, start));
  } catch {
    return Buffer.alloc(0);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

interface LogEntry {
  level: number;
  msg?: unknown;
  reason?: unknown;
  event_type?: unknown;
  task_id?: unknown;
  error?: { message?: unknown };
  err?: { message?: unknown };
}

function parseEntry(line: string): LogEntry | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const entry = JSON.parse(line) as LogEntry; // a log line; its level is checked
    return typeof entry.level === 'number' ? entry : undefined;
  } catch {
    return undefined;
  }
}

function printableField(value: unknown): string | undefined {
  return typeof value === 'string' ? printable(value).slice(0, 100) : undefined;
}

/** Removes control characters: a log message may hold text from outside, which must not steer the terminal. */
function printable(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/\p{Cc}+/gu, ' ');
}

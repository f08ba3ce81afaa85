import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { stripVTControlCharacters } from 'node:util';

const WARN = 40; // pino's level
const POLL_INTERVAL_MS = 200;
const REPEAT_AFTER_MS = 10_000;
const TAIL_BYTES = 16_384;

/** Lines for a person out of a service's log: warnings and worse. The same line is told once in ten seconds. */
export class LogFollower {
  readonly #path: string;
  readonly #onWarning: (text: string) => void;
  readonly #timer: NodeJS.Timeout;
  readonly #decoder = new StringDecoder('utf8');
  readonly #toldAt = new Map<string, number>();
  #offset = 0;
  #rest = '';

  constructor(path: string, onWarning: (text: string) => void) {
    this.#path = path;
    this.#onWarning = onWarning;
    this.#timer = setInterval(() => this.read(), POLL_INTERVAL_MS).unref();
  }

  /** Tells what was written since the last time. */
  read(): void {
    const bytes = readFrom(this.#path, this.#offset);
    this.#offset += bytes.length;
    const lines = (this.#rest + this.#decoder.write(bytes)).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#tell(line);
  }

  close(): void {
    clearInterval(this.#timer);
    this.read();
  }

  #tell(line: string): void {
    const { level, text } = readableLine(line);
    const now = performance.now();
    if (level < WARN || now - (this.#toldAt.get(text) ?? -REPEAT_AFTER_MS) < REPEAT_AFTER_MS) return;
    if (this.#toldAt.size > 100) this.#toldAt.clear();
    this.#toldAt.set(text, now);
    this.#onWarning(text);
  }
}

/** A line of pino's as its message and its error's; any other line as it is, with level 0. */
export function readableLine(line: string): { level: number; text: string } {
  const entry = parseEntry(line);
  if (entry === undefined) return { level: 0, text: printable(line) };
  const cause = entry.error?.message ?? entry.err?.message ?? entry.reason;
  const text = [entry.msg, cause].filter((part) => typeof part === 'string').join(': ');
  return { level: entry.level, text: printable(text) };
}

/** The end of a log file as readable lines; none when it is empty or missing. */
export function lastLines(path: string, count: number): string[] {
  const lines = readFrom(path, -TAIL_BYTES).toString('utf8').split('\n');
  return lines
    .filter((line) => line.trim() !== '')
    .slice(-count)
    .map((line) => readableLine(line).text.slice(0, 300));
}

interface LogEntry {
  level: number;
  msg?: unknown;
  reason?: unknown;
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

/** Without what would steer the terminal: messages may hold text from outside. */
function printable(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/\p{Cc}+/gu, ' ');
}

/** The bytes from `offset` on, or the last ones for a negative offset; at most 1 MiB. */
function readFrom(path: string, offset: number): Buffer {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const { size } = fstatSync(file);
    const start = offset < 0 ? Math.max(0, size + offset) : offset;
    const buffer = Buffer.alloc(Math.max(0, Math.min(size - start, 1_048_576)));
    return buffer.subarray(0, readSync(file, buffer, 0, buffer.length, start));
  } catch {
    return Buffer.alloc(0);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

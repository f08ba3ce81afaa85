import { StringDecoder } from 'node:string_decoder';
import { readableLine, readLogFrom } from './log-lines.ts';
import { MAX_LOG_BYTES, rotateLargeLog } from './log-rotation.ts';

const WARN = 40; // pino's level
const POLL_INTERVAL_MS = 200;
const REPEAT_AFTER_MS = 10_000;

export interface LogFollowerOptions {
  /** Called with warnings and errors, the same text at most once in 10 s. Undefined: nothing reads the log. */
  readonly onWarning: ((text: string) => void) | undefined;
  readonly maxBytes?: number;
}

/** Follows the log of a running process: reports its warnings and errors, and rotates the file when it is too large. */
export class LogFollower {
  readonly #path: string;
  readonly #onWarning: ((text: string) => void) | undefined;
  readonly #maxBytes: number;
  readonly #timer: NodeJS.Timeout;
  readonly #decoder = new StringDecoder('utf8');
  readonly #reportedAt = new Map<string, number>();
  #offset = 0;
  #rest = '';

  constructor(path: string, { onWarning, maxBytes = MAX_LOG_BYTES }: LogFollowerOptions) {
    this.#path = path;
    this.#onWarning = onWarning;
    this.#maxBytes = maxBytes;
    this.#timer = setInterval(() => this.poll(), POLL_INTERVAL_MS).unref();
  }

  /** Reports what the process wrote since the last call, then rotates the log if that is due. */
  poll(): void {
    if (this.#onWarning) while (this.#read() > 0);
    if (rotateLargeLog(this.#path, this.#maxBytes)) this.#offset = 0;
  }

  close(): void {
    clearInterval(this.#timer);
    this.poll();
  }

  /** Returns the number of bytes that it read. */
  #read(): number {
    const bytes = readLogFrom(this.#path, this.#offset);
    this.#offset += bytes.length;
    const lines = (this.#rest + this.#decoder.write(bytes)).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#report(line);
    return bytes.length;
  }

  /** The id of the task is not a part of the key: otherwise each failure of an event type would be a line. */
  #report(line: string): void {
    const { level, text, eventType, taskId } = readableLine(line);
    if (level < WARN) return;
    const key = `${eventType} ${text}`;
    const now = performance.now();
    if (now - (this.#reportedAt.get(key) ?? -REPEAT_AFTER_MS) < REPEAT_AFTER_MS) return;
    if (this.#reportedAt.size > 100) this.#reportedAt.clear();
    this.#reportedAt.set(key, now);
    const task = [eventType, taskId].filter((part) => part !== undefined).join(' ');
    this.#onWarning?.(task === '' ? text : `${text} (${task})`);
  }
}

import { StringDecoder } from 'node:string_decoder';
import { readableLine, readLogFrom } from './log-lines.ts';

const WARN = 40; // pino's level
const POLL_INTERVAL_MS = 200;
const REPEAT_AFTER_MS = 10_000;

/** Reads the log of a service as it grows and reports warnings and errors, each text at most once in 10 s. */
export class LogFollower {
  readonly #path: string;
  readonly #onWarning: (text: string) => void;
  readonly #timer: NodeJS.Timeout;
  readonly #decoder = new StringDecoder('utf8');
  readonly #reportedAt = new Map<string, number>();
  #offset = 0;
  #rest = '';

  constructor(path: string, onWarning: (text: string) => void) {
    this.#path = path;
    this.#onWarning = onWarning;
    this.#timer = setInterval(() => this.read(), POLL_INTERVAL_MS).unref();
  }

  /** Reports the warnings that the service wrote since the last call. */
  read(): void {
    const bytes = readLogFrom(this.#path, this.#offset);
    this.#offset += bytes.length;
    const lines = (this.#rest + this.#decoder.write(bytes)).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#report(line);
  }

  close(): void {
    clearInterval(this.#timer);
    this.read();
  }

  #report(line: string): void {
    const { level, text } = readableLine(line);
    const now = performance.now();
    if (level < WARN || now - (this.#reportedAt.get(text) ?? -REPEAT_AFTER_MS) < REPEAT_AFTER_MS) return;
    if (this.#reportedAt.size > 100) this.#reportedAt.clear();
    this.#reportedAt.set(text, now);
    this.#onWarning(text);
  }
}

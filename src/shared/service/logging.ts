import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import { describeThrown } from '../thrown.ts';

export type { Logger };

export interface LoggerOptions {
  readonly service: string;
  readonly level: string;
  /** Whether a line is written when the call returns. For the last words of a process. */
  readonly isSync?: boolean;
}

/** Returns a logger that writes JSON lines to standard output, or readable lines to a terminal. */
export function createLogger(options: LoggerOptions): Logger {
  const base = {
    level: options.level,
    base: { service: options.service },
    serializers: { error: loggedError },
  };
  if (process.stdout.isTTY) return pino(base, pretty({ sync: true, ignore: 'pid,hostname' }));
  return options.isSync ? pino(base, pino.destination({ sync: true })) : pino(base);
}

/** Calls `onLine` with each line, as JSON, that this logger and its children write from now on, and not its parent. */
export function listenTo(logger: Logger, onLine: (text: string) => void): void {
  const withStream = logger as unknown as Record<typeof pino.symbols.streamSym, LineStream>; // pino declares it without a type
  withStream[pino.symbols.streamSym] = new Tee(withStream[pino.symbols.streamSym], onLine);
}

/** What pino calls of a stream. */
interface LineStream {
  write(text: string): void;
  flush?(done?: (error?: Error) => void): void;
  flushSync?(): void;
}

class Tee implements LineStream {
  readonly #stream: LineStream;
  readonly #onLine: (text: string) => void;

  constructor(stream: LineStream, onLine: (text: string) => void) {
    this.#stream = stream;
    this.#onLine = onLine;
  }

  write(text: string): void {
    this.#stream.write(text);
    this.#onLine(text);
  }

  flush(done?: (error?: Error) => void): void {
    if (this.#stream.flush) this.#stream.flush(done);
    else done?.();
  }

  flushSync(): void {
    this.#stream.flushSync?.();
  }
}

/** Not all properties of an error: some hold payloads, as the command of a Redis error does. */
function loggedError(error: unknown) {
  const { name, ...texts } = describeThrown(error);
  return { type: name, ...texts };
}

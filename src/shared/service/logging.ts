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

/** Not all properties of an error: some hold payloads, as the command of a Redis error does. */
function loggedError(error: unknown) {
  const { name, ...texts } = describeThrown(error);
  return { type: name, ...texts };
}

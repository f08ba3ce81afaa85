import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import { describeThrown } from '../thrown.ts';

export type { Logger };

/** Returns a logger that writes JSON lines to standard output, or readable lines to a terminal. */
export function createLogger(options: { service: string; level: string }): Logger {
  const base = {
    level: options.level,
    base: { service: options.service },
    serializers: { error: loggedError },
  };
  return process.stdout.isTTY ? pino(base, pretty({ sync: true, ignore: 'pid,hostname' })) : pino(base);
}

/** Not all properties of an error: some hold payloads, as the command of a Redis error does. */
function loggedError(error: unknown) {
  const { name, ...texts } = describeThrown(error);
  return { type: name, ...texts };
}

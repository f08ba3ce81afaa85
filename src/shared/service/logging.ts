import { type Logger, pino, stdSerializers } from 'pino';
import pretty from 'pino-pretty';

export type { Logger };

/** Returns a logger that writes JSON lines to standard output, or readable lines to a terminal. */
export function createLogger(options: { service: string; level: string }): Logger {
  const base = {
    level: options.level,
    base: { service: options.service },
    serializers: { error: stdSerializers.err },
  };
  return process.stdout.isTTY ? pino(base, pretty({ sync: true, ignore: 'pid,hostname' })) : pino(base);
}

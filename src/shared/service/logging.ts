import { type Logger, pino, stdSerializers } from 'pino';
import pretty from 'pino-pretty';

export type { Logger };

/** JSON lines on standard output; readable lines when that is a terminal. */
export function createLogger(options: { service: string; level: string }): Logger {
  const base = {
    level: options.level,
    base: { service: options.service },
    serializers: { error: stdSerializers.err },
  };
  return process.stdout.isTTY ? pino(base, pretty({ sync: true, ignore: 'pid,hostname' })) : pino(base);
}

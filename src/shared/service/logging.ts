import { type Logger, pino, stdSerializers } from 'pino';
import pretty from 'pino-pretty';

export type { Logger };

/** Returns a logger that writes JSON lines to standard output, or readable lines to a terminal. */
export function createLogger(options: { service: string; level: string }): Logger {
  const base = {
    level: options.level,
    base: { service: options.service },
    serializers: { error: serializeError },
  };
  return process.stdout.isTTY ? pino(base, pretty({ sync: true, ignore: 'pid,hostname' })) : pino(base);
}

/** An error as a log shows it. ioredis puts the command on its errors, and a payload may be among its arguments. */
function serializeError(error: unknown): unknown {
  const shown: unknown = stdSerializers.err(error as Error); // it returns what is no error as it is
  if (typeof shown !== 'object' || shown === null || !('command' in shown)) return shown;
  const { name } = shown.command as { name?: unknown }; // ioredis's, or somebody's own
  return { ...shown, command: name };
}

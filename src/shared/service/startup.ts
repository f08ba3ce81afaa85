import type { Access } from './access/access.ts';
import type { Logger } from './logging.ts';

/** Runs a step of the start. When it fails, prints its message on standard error and exits with code 1. */
export function orExit<T>(step: () => T): T {
  const exit = (error: unknown): never => {
    process.stderr.write(`${describe(error)}\n`);
    process.exit(1);
  };
  try {
    const result = step();
    return result instanceof Promise ? (result.catch(exit) as T) : result; // the promise of a T, or it exits
  } catch (error) {
    return exit(error);
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, port } = error as NodeJS.ErrnoException & { port?: number };
  if (code === 'EADDRINUSE')
    return `Port ${port} is in use. Stop the program that listens there, or set SERVICE_PORT to a free port.`;
  if (code === 'EACCES' && port)
    return `This user may not listen on port ${port}. Set SERVICE_PORT to another port.`;
  return error.message;
}

/** Logs a warning for each part that is open to everyone who reaches the address. */
export function warnIfOpen(logger: Logger, host: string, { api, metrics }: Access, hasApi = true): void {
  if (hasApi && api.isOpen && !metrics.isOpen) {
    logger.warn(
      'METRICS_TOKEN guards /metrics, and the query API is open: set API_TOKEN or API_TOKENS_FILE too',
    );
  }
  if (/^(127\.|localhost$|::1$|\[::1\]$)/.test(host)) return;
  if (hasApi && api.isOpen) {
    logger.warn(
      { host },
      'the API is open to everyone who reaches this host: set API_TOKEN or API_TOKENS_FILE, or listen on loopback only',
    );
  }
  if (!hasApi && metrics.isOpen) {
    logger.warn(
      { host },
      '/metrics and /stats are open to everyone who reaches this host: set METRICS_TOKEN, or listen on loopback only',
    );
  }
}

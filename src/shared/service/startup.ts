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

/** Logs a warning when anyone who reaches the address may use the API. */
export function warnIfOpen(logger: Logger, config: { SERVICE_HOST: string; API_TOKEN?: string }): void {
  const isLoopback = /^(127\.|localhost$|::1$|\[::1\]$)/.test(config.SERVICE_HOST);
  if (isLoopback || config.API_TOKEN) return;
  logger.warn(
    { host: config.SERVICE_HOST },
    'the API is open to everyone who reaches this host: set API_TOKEN, or listen on loopback only',
  );
}

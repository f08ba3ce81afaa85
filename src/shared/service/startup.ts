import type { Logger } from './logging.ts';

/** Runs a step of the start; its failure is one clear line on standard error and exit code 1. */
export function orExit<T>(step: () => T): T {
  const exit = (error: unknown): never => {
    process.stderr.write(`${describe(error)}\n`);
    process.exit(1);
  };
  try {
    const result = step();
    return result instanceof Promise ? (result.catch(exit) as T) : result; // a promise of the same, or no return
  } catch (error) {
    return exit(error);
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, port } = error as NodeJS.ErrnoException & { port?: number };
  if (code === 'EADDRINUSE')
    return `Port ${port} is taken: stop what listens there, or set SERVICE_PORT to a free one.`;
  if (code === 'EACCES' && port)
    return `Port ${port} may not be used by this user: set SERVICE_PORT to another one.`;
  return error.message;
}

/** Says so when anyone who reaches the address may use the API. */
export function warnIfOpen(logger: Logger, config: { SERVICE_HOST: string; API_TOKEN?: string }): void {
  const isLoopback = /^(127\.|localhost$|::1$|\[::1\]$)/.test(config.SERVICE_HOST);
  if (isLoopback || config.API_TOKEN) return;
  logger.warn(
    { host: config.SERVICE_HOST },
    'listening beyond loopback without API_TOKEN: the API is open to all',
  );
}

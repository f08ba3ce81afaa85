import type { Logger } from './logging.ts';

/**
 * Closes a service once, in the order given, on SIGTERM, SIGINT or the loss of the parent process that
 * started it over IPC, and exits 0; 1 when a step failed or all of them took longer than `limitMs`.
 * A process whose state is unknown (uncaught error) is logged and ends with 1: its supervisor starts it again.
 */
export function closeOnSignal(
  steps: readonly (() => Promise<unknown>)[],
  logger: Logger,
  limitMs: number,
): void {
  let closing = false;

  const close = async (reason: string) => {
    if (closing) return;
    closing = true;
    logger.info({ reason }, 'stopping');
    setTimeout(() => {
      logger.error({ limitMs }, 'not stopped within the limit');
      process.exit(1);
    }, limitMs).unref();
    let exitCode = 0;
    for (const step of steps) {
      try {
        await step();
      } catch (error) {
        logger.error({ error }, 'a step of the shutdown failed');
        exitCode = 1;
      }
    }
    logger.info('stopped');
    process.exit(exitCode);
  };

  process.once('disconnect', () => close('the parent process is gone'));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => close(signal));
  process.on('uncaughtException', (error) => {
    logger.fatal({ error }, 'uncaught error');
    process.exit(1);
  });
}

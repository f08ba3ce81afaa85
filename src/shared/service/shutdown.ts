import { describeThrown, PlainError } from '../thrown.ts';
import type { Logger } from './logging.ts';

/**
 * Logs an uncaught error and exits with code 1 at once: it leaves the process in an unknown state. Not so when `claim`
 * returns true, because the error belongs to somebody who deals with it.
 */
export function exitOnUncaughtError(logger: Logger, claim: (thrown: unknown) => boolean = () => false): void {
  const onError = (thrown: unknown) => {
    if (claim(thrown)) return;
    logger.fatal({ error: new PlainError(describeThrown(thrown)) }, 'uncaught error'); // may be undefined
    process.exit(1);
  };
  process.on('uncaughtException', onError);
  process.on('unhandledRejection', onError);
}

/**
 * Closes a service once, step by step, and exits with code 0. It does so on SIGTERM, on SIGINT, and when the parent
 * process that started it over IPC is gone. The code is 1 when a step failed or the steps took longer than `limitMs`.
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
      logger.error({ limitMs }, 'did not stop within the limit');
      process.exit(1);
    }, limitMs).unref();
    let exitCode = 0;
    for (const step of steps) {
      try {
        await step();
      } catch (error) {
        logger.error({ error }, 'a shutdown step failed');
        exitCode = 1;
      }
    }
    logger.info('stopped');
    process.exit(exitCode);
  };

  process.once('disconnect', () => close('the parent process is gone'));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => close(signal));
}

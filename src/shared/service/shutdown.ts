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
 * Closes a service step by step when `stop` resolves with a reason, and exits with code 0. The code is 1 when a step
 * failed or the steps took longer than `limitMs`. During the start there may be no steps yet.
 */
export function closeOnSignal(
  stop: Promise<string>,
  steps: readonly (() => Promise<unknown>)[],
  logger: Logger,
  limitMs: number,
): void {
  void stop.then(async (reason) => {
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
  });
}

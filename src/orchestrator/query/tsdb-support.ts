import {
  isOlder,
  readTsdbVersion,
  SUPPORTED_TSDBS,
} from '../../infrastructure/victoria-metrics/tsdb-version.ts';
import type { Logger } from '../../shared/service/logging.ts';

const TIMEOUT_MS = 5_000;
const RETRY_MS = 5_000;

/**
 * Warns once when the TSDB is older than the supported versions. Returns at once, and asks again later where the TSDB
 * does not answer yet; keeps no process alive.
 */
export function reportTsdbVersion(url: string, logger: Logger, retryMs = RETRY_MS): void {
  readTsdbVersion(url, TIMEOUT_MS).then(
    (found) => {
      if (found === undefined) return;
      const { product, version } = found;
      const supported = SUPPORTED_TSDBS[product];
      if (version !== undefined && isOlder(version, supported)) {
        logger.warn(
          { tsdb: product, version, supported },
          'the TSDB is older than what is supported: a query may end it',
        );
      } else logger.debug({ tsdb: product, version, supported }, 'the TSDB tells its version');
    },
    () => setTimeout(() => reportTsdbVersion(url, logger, retryMs), retryMs).unref(),
  );
}

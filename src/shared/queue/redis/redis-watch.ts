import type { Redis } from 'ioredis';
import type { Logger } from '../../service/logging.ts';
import { RedisCheck } from './redis-check.ts';
import { RefusalLog } from './refusal-log.ts';
import { type FindingName, watchFindings } from './server-findings.ts';

export interface RedisWatchOptions {
  /** The queue's prefix. */
  readonly prefix: string;
  readonly logger: Logger;
  /** Is told whether a setting of the server is wrong. */
  readonly reportFinding: (finding: FindingName, isPresent: boolean) => void;
}

export interface RedisWatch {
  readonly health: RedisCheck;
  /** The process's one log of refusals, so that each reason is logged once. */
  readonly refusals: RefusalLog;
  close(): void;
}

/** Watches over a request connection whether Redis takes writes and how it is set up. */
export function watchRedis(redis: Redis, { prefix, logger, reportFinding }: RedisWatchOptions): RedisWatch {
  const refusals = new RefusalLog(logger);
  const health = new RedisCheck(redis, { prefix, refusals });
  health.watch();
  watchFindings(redis, { prefix, logger, report: reportFinding });
  return { health, refusals, close: () => health.close() };
}

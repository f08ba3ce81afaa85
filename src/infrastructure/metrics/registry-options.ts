import type { RegistryContentType } from '@prometheus-io/client';
import type { CollectorErrorListener } from './collector-errors.ts';

export interface Exposition {
  readonly contentType: string;
  /** Do not write to it: the next rendering copies from it. */
  readonly body: Buffer;
}

export interface MetricsRegistryOptions {
  /** The content type of `metrics()`. Default: text 0.0.4. */
  readonly contentType?: RegistryContentType;
  /**
   * Hears of each collector that failed or was late at a scrape. The scrape got everything else. By default the process
   * warns once of each.
   */
  readonly onCollectorError?: CollectorErrorListener | undefined;
}

export interface RenderOptions {
  /** Only the families with one of these names, or with a sample of one of these names. */
  readonly names?: readonly string[];
  /** How long collectors may take, in milliseconds. */
  readonly timeLimitMs?: number;
}

export const DEFAULT_TIME_LIMIT_MS = 1_200;
/** A timer cannot be longer than 24 days. */
const LONGEST_TIME_LIMIT_MS = 3_600_000;

/** The options of a rendering. What is not of its type counts as left out: it may come from a request. */
export function readRenderOptions(options: unknown): { names: string[] | undefined; timeLimitMs: number } {
  try {
    const { names, timeLimitMs } = (options ?? {}) as Record<string, unknown>; // both are checked below
    const isLimit = typeof timeLimitMs === 'number' && timeLimitMs > 0;
    return {
      names: Array.isArray(names) ? names.filter((name) => typeof name === 'string') : undefined,
      timeLimitMs: isLimit ? Math.min(timeLimitMs, LONGEST_TIME_LIMIT_MS) : DEFAULT_TIME_LIMIT_MS,
    };
  } catch {
    return { names: undefined, timeLimitMs: DEFAULT_TIME_LIMIT_MS };
  }
}

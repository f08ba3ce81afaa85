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

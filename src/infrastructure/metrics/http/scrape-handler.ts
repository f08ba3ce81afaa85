import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { DefinitionOf } from '../instruments/definition.ts';
import type { MetricsRegistry } from '../registry.ts';
import { acceptsGzip, compress, MIN_GZIP_BYTES } from './compression.ts';
import { ABORTED_STATUS } from './http-metrics.ts';

/** The metrics that scrapes are counted and timed in. Pass others to choose names, helps and buckets. */
export interface ScrapeMetricDefinitions {
  readonly count: DefinitionOf<'counter', 'service' | 'code'>;
  readonly duration: DefinitionOf<'histogram', 'service'>;
}

export interface ScrapeOptions {
  readonly registry: MetricsRegistry;
  /** The value of the label `service`. */
  readonly service: string;
  readonly definitions?: ScrapeMetricDefinitions;
}

export interface ScrapeResponse {
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

export const DEFAULT_SCRAPE_DEFINITIONS: ScrapeMetricDefinitions = {
  count: {
    type: 'counter',
    name: 'metrics_scrapes_total',
    help: 'Scrapes of /metrics answered, by HTTP status.',
    labelNames: ['service', 'code'],
  },
  duration: {
    type: 'histogram',
    name: 'metrics_scrape_duration_seconds',
    help: 'Time to answer a scrape of /metrics: collectors, rendering and sending together.',
    labelNames: ['service'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
  },
};

/** The share of the scraper's own time limit that collectors may use. Rendering and network need the rest. */
const COLLECTORS_SHARE = 0.8;
const MAX_TIME_LIMIT_MS = 30_000;

/** Serves scrapers from a registry, and counts and times the scrapes. */
export class ScrapeHandler {
  readonly #registry: MetricsRegistry;
  readonly #service: string;
  readonly #count;
  readonly #duration;
  /** By body, so that scrapes which share a rendering share its compression too. */
  readonly #compressed = new WeakMap<Buffer, Promise<Buffer>>();

  constructor({ registry, service, definitions = DEFAULT_SCRAPE_DEFINITIONS }: ScrapeOptions) {
    this.#registry = registry;
    this.#service = service;
    this.#count = registry.instrument(definitions.count);
    this.#duration = registry.instrument(definitions.duration).labels({ service });
  }

  /** Counts and times the scrape of this response when it closes, however it ends. */
  follow(response: ServerResponse): void {
    const startedAt = performance.now();
    let code = ABORTED_STATUS;
    response.once('finish', () => {
      code = response.statusCode;
    });
    response.once('close', () => {
      this.#count.inc({ service: this.#service, code: String(code) });
      this.#duration.observe((performance.now() - startedAt) / 1000);
    });
  }

  /** The metrics as the scraper's headers ask for them: format, compression, time limit. */
  async scrape(request: IncomingHttpHeaders, names?: readonly string[]): Promise<ScrapeResponse> {
    const { contentType, body } = await this.#registry.render(request.accept, {
      ...(names !== undefined && { names }),
      ...timeLimit(request['x-prometheus-scrape-timeout-seconds']),
    });
    const headers = {
      'content-type': contentType,
      'cache-control': 'no-store',
      vary: 'accept, accept-encoding',
    };
    if (body.length < MIN_GZIP_BYTES || !acceptsGzip(request['accept-encoding'])) return { headers, body };
    return { headers: { ...headers, 'content-encoding': 'gzip' }, body: await this.#gzip(body) };
  }

  #gzip(body: Buffer): Promise<Buffer> {
    let compressed = this.#compressed.get(body);
    if (compressed === undefined) {
      compressed = compress(body);
      this.#compressed.set(body, compressed);
    }
    return compressed;
  }
}

function timeLimit(header: string | string[] | undefined): { timeLimitMs?: number } {
  const seconds = Number(header);
  if (!(seconds > 0)) return {};
  return { timeLimitMs: Math.min(seconds * 1000 * COLLECTORS_SHARE, MAX_TIME_LIMIT_MS) };
}

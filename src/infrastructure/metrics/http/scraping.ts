import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { SCRAPE_DURATION, SCRAPES } from '../../telemetry/catalogue.ts';
import type { MetricsRegistry } from '../registry.ts';
import { acceptsGzip, compress, MIN_GZIP_BYTES } from './compression.ts';
import { ABORTED_STATUS } from './http-metrics.ts';

export interface ScrapingOptions {
  readonly registry: MetricsRegistry;
  readonly service: string;
}

export interface ScrapeAnswer {
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

/** How much of the scraper's own time limit collectors may use; the rest is for rendering and the network. */
const COLLECTORS_SHARE = 0.8;
const MAX_TIME_LIMIT_MS = 30_000;

/** Answers scrapers from a registry, and counts and times the scrapes. */
export class Scraping {
  readonly #registry: MetricsRegistry;
  readonly #service: string;
  readonly #scrapes;
  readonly #duration;
  /** By body: scrapes that share a rendering share its compression too. */
  readonly #compressed = new WeakMap<Buffer, Promise<Buffer>>();

  constructor({ registry, service }: ScrapingOptions) {
    this.#registry = registry;
    this.#service = service;
    this.#scrapes = registry.instrument(SCRAPES);
    this.#duration = registry.instrument(SCRAPE_DURATION).labels({ service });
  }

  /** Counts and times the scrape when its response closes, however it ends. */
  follow(response: ServerResponse): void {
    const startedAt = performance.now();
    let code = ABORTED_STATUS;
    response.once('finish', () => {
      code = response.statusCode;
    });
    response.once('close', () => {
      this.#scrapes.inc({ service: this.#service, code: String(code) });
      this.#duration.observe((performance.now() - startedAt) / 1000);
    });
  }

  /** The metrics as the scraper's headers ask for them: format, compression, time limit. */
  async answer(request: IncomingHttpHeaders, names?: readonly string[]): Promise<ScrapeAnswer> {
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

import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { Counter } from '../instruments/counter.ts';
import type { DefinitionOf } from '../instruments/definition.ts';
import { type MetricsRegistry, register } from '../registry.ts';
import { acceptsGzip, compress, MIN_GZIP_BYTES } from './compression.ts';
import { ABORTED_STATUS } from './http-metrics.ts';

/** The metrics that scrapes are counted and timed in. Pass others to choose names, helps and buckets. */
export interface ScrapeMetricDefinitions {
  readonly count: DefinitionOf<'counter', 'service' | 'code'>;
  readonly duration: DefinitionOf<'histogram', 'service'>;
  /** Counts what scrapes left out. Without it, only the registry's own listener hears of that. */
  readonly errors?: DefinitionOf<'counter', 'service' | 'collector'>;
}

export interface ScrapeOptions {
  /** Default: the process-wide `register`. */
  readonly registry?: MetricsRegistry | undefined;
  /** The value of the label `service`. Without it there is no such label. */
  readonly service?: string | undefined;
  /** Stands before the names of the endpoint's own metrics. */
  readonly namePrefix?: string | undefined;
  /** Definitions in full, instead of `namePrefix`. */
  readonly definitions?: ScrapeMetricDefinitions | undefined;
}

export interface ScrapeResponse {
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

export const DEFAULT_SCRAPE_DEFINITIONS = {
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
  errors: {
    type: 'counter',
    name: 'metrics_collector_errors_total',
    help: 'Collectors and metrics that scrapes left out, because their values were not known.',
    labelNames: ['service', 'collector'],
  },
} as const satisfies ScrapeMetricDefinitions;

/** The parameter by which a scraper asks for some metrics only. client_golang has the same. */
const NAMES = 'name[]';

/** The share of the scraper's own time limit that collectors may use. Rendering and network need the rest. */
const COLLECTORS_SHARE = 0.8;
/** A shorter limit of a header is not a scraper's: with it each collector would be late. */
const MIN_TIME_LIMIT_MS = 100;
const MAX_TIME_LIMIT_MS = 30_000;

/** The errors of one registry are counted once, however many endpoints it has. */
const counted = new WeakMap<MetricsRegistry, Set<unknown>>();

/** Serves scrapers from a registry, and counts and times the scrapes. */
export class ScrapeHandler {
  readonly #registry: MetricsRegistry;
  readonly #service: { readonly service: string } | Record<string, never>;
  readonly #count;
  readonly #duration;
  /** By body, so that scrapes which share a rendering share its compression too. */
  readonly #compressed = new WeakMap<Buffer, Promise<Buffer>>();

  constructor({ registry = register, service, definitions, namePrefix }: ScrapeOptions) {
    const { count, duration, errors } = definitions ?? adapt(DEFAULT_SCRAPE_DEFINITIONS, service, namePrefix);
    this.#registry = registry;
    this.#service = service === undefined ? {} : { service };
    this.#count = registry.instrument(count);
    this.#duration = registry.instrument(duration).labels(this.#service);
    if (errors !== undefined) this.#countErrors(registry.instrument(errors));
  }

  /** Counts and times the scrape of this response when it closes, however it ends. */
  follow(response: ServerResponse): void {
    const startedAt = performance.now();
    let code = ABORTED_STATUS;
    response.once('finish', () => {
      code = response.statusCode;
    });
    response.once('close', () => {
      this.#count.inc({ ...this.#service, code: String(code) });
      this.#duration.observe((performance.now() - startedAt) / 1000);
    });
  }

  /** The metrics as the scraper asks for them: by headers format, compression and time limit, by URL the names. */
  async scrape(request: IncomingHttpHeaders, url = ''): Promise<ScrapeResponse> {
    const names = namesIn(url);
    const { contentType, body } = await this.#registry.render(request.accept, {
      ...(names.length > 0 && { names }),
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

  #countErrors(errors: Counter<'service' | 'collector'>): void {
    const already = counted.get(this.#registry) ?? new Set();
    counted.set(this.#registry, already);
    if (already.has(errors)) return;
    already.add(errors);
    this.#registry.addErrorListener((collector) => errors.inc({ ...this.#service, collector }));
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

/** The names that a URL's query asks for. It is read as it came: the host's parser of queries may be any. */
function namesIn(url: string): string[] {
  const [, query = ''] = url.split('?', 2);
  return new URLSearchParams(query).getAll(NAMES);
}

function timeLimit(header: string | string[] | undefined): { timeLimitMs?: number } {
  const seconds = Number(header);
  if (!(seconds > 0)) return {};
  const limitMs = seconds * 1000 * COLLECTORS_SHARE;
  return { timeLimitMs: Math.max(MIN_TIME_LIMIT_MS, Math.min(limitMs, MAX_TIME_LIMIT_MS)) };
}

/** The definitions with a prefix, and without the label `service` where there is no value for it. */
function adapt(
  { count, duration, errors }: typeof DEFAULT_SCRAPE_DEFINITIONS,
  service: string | undefined,
  namePrefix = '',
): ScrapeMetricDefinitions {
  const adapted = <L extends string, D extends { readonly name: string; readonly labelNames: readonly L[] }>(
    definition: D,
  ): D => ({
    ...definition,
    name: namePrefix + definition.name,
    labelNames: definition.labelNames.filter((name) => name !== 'service' || service !== undefined),
  });
  return { count: adapted(count), duration: adapted(duration), errors: adapted(errors) };
}

import { Registry } from '@prometheus-io/client';
import type { MetricDefinition } from './definitions.ts';
import { type Exposition, renderText } from './exposition.ts';
import { Counter, Gauge, Histogram } from './instruments.ts';

/** Brings metrics up to date just before they are rendered. */
export interface Collector {
  readonly name: string;
  collect(signal: AbortSignal): void | Promise<void>;
}

type Instrument<D extends MetricDefinition> = D['type'] extends 'counter'
  ? Counter<D['labelNames'][number]>
  : D['type'] extends 'histogram'
    ? Histogram<D['labelNames'][number]>
    : Gauge<D['labelNames'][number]>;

export interface MetricsRegistryOptions {
  /** Told each collector that failed or was late at a rendering. */
  readonly onCollectorError?: (name: string, error: unknown) => void;
}

const COLLECTOR_LIMIT_MS = 1_200;

/** The client's registry, with collectors that cannot hold up or break a scrape. */
export class MetricsRegistry extends Registry {
  readonly #collectors = new Map<string, Collector>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #definitions = new Map<string, MetricDefinition>();
  readonly #onCollectorError: (name: string, error: unknown) => void;
  #rendering: Promise<Exposition> | undefined;

  constructor({ onCollectorError = () => undefined }: MetricsRegistryOptions = {}) {
    super();
    this.#onCollectorError = onCollectorError;
  }

  /** Runs at each rendering, within a time limit. Answers a function that removes it. */
  addCollector(collector: Collector): () => void {
    if (this.#collectors.has(collector.name)) {
      throw new Error(`expected a collector with a new name; ${collector.name} is there already`);
    }
    this.#collectors.set(collector.name, collector);
    return () => this.#collectors.delete(collector.name);
  }

  /** The instrument of a definition: made at the first call, the same one after that. */
  instrument<const D extends MetricDefinition>(definition: D): Instrument<D> {
    const existing = this.#definitions.get(definition.name);
    if (existing !== undefined && existing !== definition) {
      throw new Error(`expected one definition of ${definition.name}; another is registered`);
    }
    const instrument = existing ? this.getSingleMetric(definition.name) : this.#create(definition);
    return instrument as Instrument<D>; // made from this definition, here or at an earlier call
  }

  /** Every metric, after the collectors have run; calls at the same time share one rendering. */
  render(_accept?: string): Promise<Exposition> {
    this.#rendering ??= this.#collect()
      .then(() => renderText(this))
      .finally(() => {
        this.#rendering = undefined;
      });
    return this.#rendering;
  }

  #create(definition: MetricDefinition) {
    const { name, help, labelNames, buckets } = definition;
    const configuration = { name, help, labelNames, registers: [this] };
    this.#definitions.set(name, definition);
    if (definition.type === 'counter') return new Counter(configuration);
    if (definition.type === 'histogram') {
      return new Histogram({ ...configuration, ...(buckets && { buckets: [...buckets] }) });
    }
    return new Gauge(configuration);
  }

  async #collect(): Promise<void> {
    await Promise.all([...this.#collectors.values()].map((collector) => this.#collectOne(collector)));
  }

  /** A collector that is still busy with an earlier scrape is awaited, not started again. */
  async #collectOne(collector: Collector): Promise<void> {
    const limit = AbortSignal.timeout(COLLECTOR_LIMIT_MS);
    const late = new Promise<never>((_, reject) => {
      limit.addEventListener('abort', () => reject(limit.reason), { once: true });
    });
    let running = this.#running.get(collector.name);
    if (running === undefined) {
      running = (async () => collector.collect(limit))().finally(() => this.#running.delete(collector.name));
      this.#running.set(collector.name, running);
    }
    try {
      await Promise.race([running, late]);
    } catch (error) {
      this.#onCollectorError(collector.name, error);
    }
  }
}

/** The registry of code that is given none. */
export const register = new MetricsRegistry();

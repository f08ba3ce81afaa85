import { Registry } from '@prometheus-io/client';
import { Collection, type Collector, type Source } from './collection.ts';
import { type Format, negotiateFormat } from './exposition/accept.ts';
import { type AnyMetric, BodyWriter } from './exposition/body-writer.ts';
import { CONTENT_TYPES, formatSnapshot, namesOf } from './exposition/text-format.ts';
import { setDefaultRegistry } from './instruments/default-registry.ts';
import { createInstrument, type InstrumentOf, type MetricDefinition } from './instruments/definition.ts';
import { Instrument, type Snapshot } from './instruments/instrument.ts';
import type { LabelValue } from './series/labels.ts';

export interface Exposition {
  readonly contentType: string;
  /** Do not write to it: the next rendering copies from it. */
  readonly body: Buffer;
}

export interface MetricsRegistryOptions {
  /** Hears of each collector that failed or was late at a scrape. The scrape got everything else. */
  readonly onCollectorError?: (name: string, error: unknown) => void;
}

export interface RenderOptions {
  /** Only the families with one of these names, or with a sample of one of these names. */
  readonly names?: readonly string[];
  /** How long collectors may take, in milliseconds. */
  readonly timeLimitMs?: number;
}

const DEFAULT_TIME_LIMIT_MS = 1_200;

/**
 * The client's registry, so that everything of its ecosystem can register here. It adds three things:
 *  - collectors, which cannot delay or break a scrape;
 *  - a rendering to bytes, which reuses what has not changed;
 *  - both formats from the same metrics, chosen for each request.
 */
export class MetricsRegistry extends Registry {
  readonly #collectors = new Map<string, Source>();
  readonly #definitions = new Map<string, MetricDefinition>();
  readonly #collection: Collection;
  /** The metric that uses a name, be it its own or one with a suffix. */
  #owners = new Map<string, string>();
  #defaultLabels: Readonly<Record<string, LabelValue>> = {};
  readonly #bodies = new BodyWriter();
  /** Renderings under way, by format, time limit and names. */
  readonly #underWay = new Map<string, Promise<Exposition>>();

  constructor({ onCollectorError = () => undefined }: MetricsRegistryOptions = {}) {
    super();
    this.#collection = new Collection(onCollectorError);
  }

  /** How many series this library's instruments have in this registry. */
  get seriesCount(): number {
    return this.#instruments().reduce((sum, { table }) => sum + table.size, 0);
  }

  /** By instrument with labels: how many look-ups got its overflow series, because it had too many label sets. */
  get overflowCounts(): ReadonlyMap<string, number> {
    const labelled = this.#instruments().filter(({ labelNames }) => labelNames.length > 0);
    return new Map(labelled.map(({ family, table }) => [family, table.overflowed]));
  }

  /** The names of the collectors. */
  get collectorNames(): readonly string[] {
    return [...this.#collectors.keys()];
  }

  /** Runs the collector before each rendering, within the time limit. Returns a function that removes it. */
  addCollector(collector: Collector): () => void {
    const { name } = collector;
    if (this.#collectors.has(name)) {
      throw new Error(`expected a collector with a new name; got ${name} again`);
    }
    const source = { key: collector, name, run: (signal: AbortSignal) => collector.collect(signal) };
    this.#collectors.set(name, source);
    return () => {
      if (this.#collectors.get(name) === source) this.#collectors.delete(name);
    };
  }

  /** The instrument of a definition. The first call creates it; later calls return the same one. */
  instrument<const D extends MetricDefinition>(definition: D): InstrumentOf<D> {
    const { name } = definition;
    const existing = this.#definitions.get(name);
    if (existing !== undefined && existing !== definition) {
      throw new Error(`expected one definition of ${name}; got another`);
    }
    const instrument = existing ? this.getSingleMetric(name) : createInstrument(definition, this);
    this.#definitions.set(name, definition);
    return instrument as InstrumentOf<D>; // created from this definition, now or earlier
  }

  /**
   * Takes a metric of any library that keeps the client's contract. Throws when another metric has its name, or
   * the name of one of its samples (with a suffix such as `_count`).
   */
  override registerMetric(metric: object): void {
    const { name, type } = metric as AnyMetric; // by that contract
    if (this.getSingleMetric(name) !== metric) {
      for (const used of namesOf({ name, type })) {
        const owner = this.#owners.get(used);
        if (owner !== undefined) {
          throw new Error(
            `expected a metric with names of its own; got ${name}, which shares ${used} with ${owner}`,
          );
        }
      }
    }
    super.registerMetric(metric as never); // the client's types name its classes
    for (const used of namesOf({ name, type })) this.#owners.set(used, name);
  }

  override removeSingleMetric(name: string): void {
    super.removeSingleMetric(name);
    for (const [used, owner] of this.#owners) if (owner === name) this.#owners.delete(used);
    this.#definitions.delete(name);
  }

  /** Removes all metrics and default labels. Collectors stay. */
  override clear(): void {
    super.clear();
    this.#owners = new Map();
    this.#definitions.clear();
    this.#defaultLabels = {};
    this.#bodies.forget(this.#defaultLabels);
  }

  /** Adds these labels to every series that has no label of that name. */
  override setDefaultLabels(labels: Readonly<Record<string, LabelValue>>): void {
    super.setDefaultLabels(labels);
    this.#defaultLabels = { ...labels };
    this.#bodies.forget(this.#defaultLabels);
  }

  /** All metrics as text of the registry's content type: 0.0.4, unless somebody set OpenMetrics. */
  override async metrics(): Promise<string> {
    const { body } = await this.render(this.contentType);
    return body.toString();
  }

  /** One metric as text, registered here or not, without the last newline. */
  override async getMetricsAsString(metric: Parameters<Registry['getMetricsAsString']>[0]): Promise<string> {
    const snapshot = await (metric as unknown as AnyMetric).get(); // the client's type is narrower
    return [...formatSnapshot(snapshot, negotiateFormat(this.contentType), this.#defaultLabels)]
      .join('')
      .trimEnd();
  }

  /**
   * Runs the collectors, then renders all metrics in the format that the Accept header prefers. Identical calls
   * at the same time share one rendering.
   */
  render(
    accept?: string,
    { names, timeLimitMs = DEFAULT_TIME_LIMIT_MS }: RenderOptions = {},
  ): Promise<Exposition> {
    const format = negotiateFormat(accept);
    const key = JSON.stringify([format, timeLimitMs, names]);
    let rendering = this.#underWay.get(key);
    if (rendering === undefined) {
      rendering = this.#render(format, names, timeLimitMs).finally(() => this.#underWay.delete(key));
      this.#underWay.set(key, rendering);
    }
    return rendering;
  }

  /** Every metric in the client's shape, without those of other libraries that failed or were late. */
  override async getMetricsAsJSON(aggregator?: string): ReturnType<Registry['getMetricsAsJSON']> {
    const metrics = this.#metrics().filter(
      (metric) => aggregator === undefined || aggregator === (metric.aggregator ?? 'sum'),
    );
    const results = await this.#collect(metrics, DEFAULT_TIME_LIMIT_MS);
    const snapshots = metrics
      .map((metric) => (metric instanceof Instrument ? metric.snapshot() : results.get(metric)))
      .filter((snapshot): snapshot is Snapshot => snapshot !== undefined)
      .map((snapshot) => ({
        ...snapshot,
        values: snapshot.values.map((sample) => ({
          ...sample,
          labels: { ...this.#defaultLabels, ...sample.labels },
        })),
      }));
    return snapshots as unknown as Awaited<ReturnType<Registry['getMetricsAsJSON']>>; // its type has a `collect`
  }

  /** A new registry with all metrics of these. Accepts prom-client's registries too. */
  static override merge(registries: readonly { getMetricsAsArray(): readonly object[] }[]): MetricsRegistry {
    const merged = new MetricsRegistry();
    for (const metric of registries.flatMap((registry) => registry.getMetricsAsArray())) {
      merged.registerMetric(metric);
    }
    return merged;
  }

  #metrics(): readonly AnyMetric[] {
    return this.getMetricsAsArray() as unknown as AnyMetric[]; // its type leaves `get` out
  }

  #instruments(): readonly Instrument<string>[] {
    return this.#metrics().filter((metric) => metric instanceof Instrument);
  }

  async #render(
    format: Format,
    names: readonly string[] | undefined,
    timeLimitMs: number,
  ): Promise<Exposition> {
    const metrics = this.#metrics().filter(
      (metric) => names === undefined || namesOf(metric).some((name) => names.includes(name)),
    );
    const results = await this.#collect(metrics, timeLimitMs);
    return { contentType: CONTENT_TYPES[format], body: await this.#bodies.write(metrics, results, format) };
  }

  /** Runs all sources, and removes idle series. Returns what `get()` of other libraries' metrics returned. */
  async #collect(metrics: readonly AnyMetric[], timeLimitMs: number): Promise<ReadonlyMap<object, unknown>> {
    const sources = [...this.#collectors.values()];
    for (const metric of metrics) {
      if (!(metric instanceof Instrument))
        sources.push({ key: metric, name: metric.name, run: () => metric.get() });
      else if (metric.collect)
        sources.push({ key: metric, name: metric.family, run: () => metric.collect?.() });
    }
    const results = sources.length === 0 ? new Map() : await this.#collection.run(sources, timeLimitMs);
    const nowMs = Date.now();
    for (const metric of metrics) if (metric instanceof Instrument) metric.expire(nowMs);
    return results;
  }
}

/** The registry of instruments that name no `registers`. */
export const register = new MetricsRegistry();
setDefaultRegistry(register);

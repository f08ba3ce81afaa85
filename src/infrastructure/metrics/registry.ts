import { isDeepStrictEqual } from 'node:util';
import type { Registry, RegistryContentType } from '@prometheus-io/client';
import {
  AdoptingRegistry,
  type AnyRegistry,
  adoptDefaultRegistry,
  checkDefaultLabels,
  defaultLabelsOf,
} from './adopting-registry.ts';
import { Collection, type Collector, type Source } from './collection.ts';
import { type CollectorErrorListener, CollectorErrors } from './collector-errors.ts';
import { type Format, negotiateFormat } from './exposition/accept.ts';
import { type AnyMetric, BodyWriter, type DefaultLabels } from './exposition/body-writer.ts';
import { readWholeSnapshot, snapshotOf } from './exposition/foreign-snapshot.ts';
import { CONTENT_TYPES, formatSnapshot, namesOf } from './exposition/text-format.ts';
import { gather } from './gather.ts';
import { setDefaultRegistry } from './instruments/default-registry.ts';
import { createInstrument, type InstrumentOf, type MetricDefinition } from './instruments/definition.ts';
import { Instrument, type Snapshot } from './instruments/instrument.ts';
import { MetricNames } from './metric-names.ts';
import {
  DEFAULT_TIME_LIMIT_MS,
  type Exposition,
  type MetricsRegistryOptions,
  type RenderOptions,
  readRenderOptions,
} from './registry-options.ts';
import type { LabelValue } from './series/labels.ts';

export type { Exposition, MetricsRegistryOptions, RenderOptions };

/**
 * The client's registry, so that everything of its ecosystem can register here. It adds three things:
 *  - collectors, which cannot delay or break a scrape;
 *  - a rendering to bytes, which reuses what has not changed;
 *  - both formats from the same metrics, chosen for each request.
 */
export class MetricsRegistry<
  T extends RegistryContentType = RegistryContentType,
> extends AdoptingRegistry<T> {
  /** By name, or by collector when it came with a merge: names are unique in one registry only. */
  readonly #collectors = new Map<string | object, Source>();
  readonly #definitions = new Map<string, MetricDefinition>();
  readonly #collection: Collection;
  readonly #names = new MetricNames();
  #defaultLabels: DefaultLabels = {};
  /** The default labels of merged metrics, from their own registries. */
  readonly #mergedLabels = new WeakMap<object, DefaultLabels>();
  readonly #errors: CollectorErrors;
  readonly #bodies: BodyWriter;
  /** Renderings under way, by format, time limit and names. */
  readonly #underWay = new Map<string, Promise<Exposition>>();

  /**
   * Takes the content type alone, as the client does, or options. With `existing`, a registry of the client, that
   * object becomes the new registry and keeps its metrics.
   */
  constructor(options: RegistryContentType | MetricsRegistryOptions = {}, existing?: Registry<T>) {
    const { contentType, onCollectorError } =
      typeof options === 'string' ? { contentType: options, onCollectorError: undefined } : options;
    super(contentType, existing);
    this.#errors = new CollectorErrors(onCollectorError);
    this.#collection = new Collection(this.#errors.report);
    this.#bodies = new BodyWriter(this.#errors.report);
    for (const metric of this.#metrics()) this.#names.add(metric);
    this.#useDefaultLabels(defaultLabelsOf(this));
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
    return [...this.#collectors.values()].map(({ name }) => name);
  }

  /** Calls that the metric could not take as they came: bad numbers, unknown labels, bad exemplars. */
  get misuseCounts(): ReadonlyMap<string, number> {
    const misused = this.#instruments().filter(({ table }) => table.misuse.count > 0);
    return new Map(misused.map(({ family, table }) => [family, table.misuse.count]));
  }

  /** Tells one more listener of what `onCollectorError` hears. */
  addErrorListener(listener: CollectorErrorListener): void {
    this.#errors.add(listener);
  }

  /** Runs the collector before each rendering, within the time limit. Returns a function that removes it. */
  addCollector(collector: Collector): () => void {
    const { name, metrics = [] } = collector;
    if (this.#collectors.has(name))
      throw new Error(`expected a collector with a new name; got ${name} again`);
    const source = { key: collector, name, metrics, run: (signal: AbortSignal) => collector.collect(signal) };
    this.#collectors.set(name, source);
    return () => {
      if (this.#collectors.get(name) === source) this.#collectors.delete(name);
    };
  }

  /** The instrument of a definition. The first call creates it; later calls return the same one. */
  instrument<const D extends MetricDefinition>(definition: D): InstrumentOf<D> {
    const { name } = definition;
    const existing = this.#definitions.get(name);
    if (existing !== undefined && !isDeepStrictEqual(existing, definition)) {
      throw new Error(`expected one definition of ${name}; got another`);
    }
    const instrument = existing ? this.getSingleMetric(name) : createInstrument(definition, this);
    this.#definitions.set(name, definition);
    return instrument as InstrumentOf<D>; // created from this definition, now or earlier
  }

  /**
   * Takes a metric of any library that keeps the client's contract. Throws when another metric has its name, or
   * the name of one of its samples (with a suffix such as `_count`), and for names that no scraper reads.
   */
  override registerMetric(metric: object): void {
    const { name } = metric as AnyMetric; // by that contract
    const existing = this.getSingleMetric(name) as object | undefined;
    if (existing !== undefined && existing !== metric) {
      // The client's words: programs look for them.
      throw new Error(`A metric with the name ${name} has already been registered.`);
    }
    this.#names.check(metric, existing === undefined);
    super.registerMetric(metric as never); // the client's types name its classes
    this.#names.add(metric);
  }

  override removeSingleMetric(name: string): void {
    super.removeSingleMetric(name);
    this.#names.remove(name);
    this.#definitions.delete(name);
  }

  /** Removes all metrics and default labels. Collectors stay. */
  override clear(): void {
    super.clear();
    this.#names.clear();
    this.#definitions.clear();
    this.#useDefaultLabels({});
  }

  /** Resets every metric. One that cannot be reset keeps its values, and the listener hears why. */
  override resetMetrics(): void {
    for (const metric of this.#metrics()) {
      try {
        (metric as unknown as { reset(): void }).reset(); // by the client's contract
      } catch (error) {
        this.#errors.report(metric.name, error);
      }
    }
  }

  /**
   * Adds these labels to every series that has no label of that name. Throws for names that no scraper takes. A label
   * without a value is left out.
   */
  override setDefaultLabels(labels: Readonly<Record<string, LabelValue>>): void {
    const checked = checkDefaultLabels(labels);
    super.setDefaultLabels(checked);
    this.#useDefaultLabels(checked);
  }

  /** All metrics as text of the registry's content type: 0.0.4, unless somebody set OpenMetrics. */
  override async metrics(): Promise<string> {
    const { body } = await this.render(this.contentType);
    return body.toString();
  }

  /** One metric as text, registered here or not, without the last newline. */
  override async getMetricsAsString(metric: Parameters<Registry['getMetricsAsString']>[0]): Promise<string> {
    let name = 'getMetricsAsString'; // until there is a metric
    try {
      const given = metric as unknown as AnyMetric; // the client's type is narrower
      if (given === undefined) throw new Error('expected a registered metric; got none');
      name = given.name;
      const result = await given.get();
      const defaultLabels = this.#defaultLabelsOf(given);
      const snapshot =
        given instanceof Instrument ? (result as Snapshot) : readWholeSnapshot(given, result, defaultLabels);
      const format = negotiateFormat(this.contentType);
      return [...formatSnapshot(snapshot, format, defaultLabels)].join('').trimEnd();
    } catch (error) {
      this.#errors.report(name, error);
      return '';
    }
  }

  /**
   * Runs the collectors, then renders all metrics in the format that the Accept header prefers. Identical calls
   * at the same time share one rendering.
   */
  render(accept?: string, options?: RenderOptions): Promise<Exposition> {
    const { names, timeLimitMs } = readRenderOptions(options);
    const format = negotiateFormat(accept);
    const key = JSON.stringify([format, timeLimitMs, names]);
    let rendering = this.#underWay.get(key);
    if (rendering === undefined) {
      rendering = this.#render(format, names, timeLimitMs).finally(() => this.#underWay.delete(key));
      this.#underWay.set(key, rendering);
    }
    return rendering;
  }

  /** Every metric in the client's shape, without those whose values are not known now. */
  override async getMetricsAsJSON(aggregator?: string): ReturnType<Registry['getMetricsAsJSON']> {
    const metrics = this.#metrics().filter(
      (metric) => aggregator === undefined || aggregator === (metric.aggregator ?? 'sum'),
    );
    const { known, results } = await this.#gather(metrics, DEFAULT_TIME_LIMIT_MS);
    const snapshots = known.flatMap((metric) => {
      const defaultLabels = this.#defaultLabelsOf(metric);
      const snapshot = snapshotOf(metric, results.get(metric), defaultLabels, this.#errors.report);
      if (snapshot === undefined) return [];
      const values = snapshot.values.map((sample) => ({
        ...sample,
        labels: { ...defaultLabels, ...sample.labels },
      }));
      return { ...snapshot, values };
    });
    return snapshots as unknown as Awaited<ReturnType<Registry['getMetricsAsJSON']>>; // its type has a `collect`
  }

  /**
   * A new registry with all metrics of these, their collectors, and on each series the default labels of its own
   * registry. Accepts prom-client's registries too. Throws when their content types differ.
   */
  static override merge(registries: readonly AnyRegistry[]): MetricsRegistry {
    const types = new Set(registries.map(({ contentType }) => contentType));
    if (types.size > 1) {
      throw new Error('Registers can only be merged if they have the same content type'); // the client's words
    }
    const [contentType] = types as Set<RegistryContentType>; // the constructor checks it
    const ours = registries.filter((registry): registry is MetricsRegistry => #collectors in registry);
    const onCollectorError = (name: string, error: unknown) => {
      const owners = ours.filter(
        (registry) => registry.#collectors.has(name) || registry.getSingleMetric(name),
      );
      for (const owner of owners) owner.#errors.report(name, error);
    };
    const merged = new MetricsRegistry({ ...(contentType && { contentType }), onCollectorError });
    for (const registry of registries) {
      const defaultLabels = defaultLabelsOf(registry);
      for (const metric of registry.getMetricsAsArray()) {
        merged.registerMetric(metric);
        merged.#mergedLabels.set(metric, defaultLabels);
      }
    }
    for (const source of ours.flatMap((registry) => [...registry.#collectors.values()])) {
      merged.#collectors.set(source.key, source);
    }
    return merged;
  }

  #useDefaultLabels(labels: DefaultLabels): void {
    this.#defaultLabels = labels;
    this.#bodies.forget((metric) => this.#defaultLabelsOf(metric));
  }

  #defaultLabelsOf(metric: object): DefaultLabels {
    const merged = this.#mergedLabels.get(metric);
    return merged === undefined ? this.#defaultLabels : { ...this.#defaultLabels, ...merged };
  }

  #metrics(): readonly AnyMetric[] {
    return this.getMetricsAsArray() as unknown as AnyMetric[]; // its type leaves `get` out
  }

  #instruments(): readonly Instrument<string>[] {
    return this.#metrics().filter((metric) => metric instanceof Instrument);
  }

  #gather(metrics: readonly AnyMetric[], timeLimitMs: number) {
    return gather(this.#collection, this.#collectors.values(), metrics, timeLimitMs);
  }

  async #render(
    format: Format,
    names: readonly string[] | undefined,
    timeLimitMs: number,
  ): Promise<Exposition> {
    const metrics = this.#metrics().filter(
      (metric) => names === undefined || namesOf(metric).some((name) => names.includes(name)),
    );
    const { known, results } = await this.#gather(metrics, timeLimitMs);
    return { contentType: CONTENT_TYPES[format], body: await this.#bodies.write(known, results, format) };
  }
}

/**
 * The registry of instruments that name no `registers`. It is the client's own default registry, taken over: the
 * client's instruments, `collectDefaultMetrics`, `Pushgateway`, its cluster registries and other libraries use it.
 */
export const register = adoptDefaultRegistry((existing) => new MetricsRegistry({}, existing));
setDefaultRegistry(register);

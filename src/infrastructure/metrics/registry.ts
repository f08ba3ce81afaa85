import { Registry } from '@prometheus-io/client';
import type { MetricDefinition } from '../telemetry/catalogue.ts';
import { type Collector, Gathering, type Job } from './collection.ts';
import { type Format, negotiateFormat } from './exposition/accept.ts';
import { type AnyMetric, Bodies } from './exposition/bodies.ts';
import { CONTENT_TYPES, formatSnapshot, namesOf } from './exposition/exposition.ts';
import { setDefaultRegistry } from './instruments/default-registry.ts';
import { Instrument, type Snapshot } from './instruments/instrument.ts';
import { Counter, Gauge, Histogram, Info } from './instruments/instruments.ts';
import type { LabelValue } from './series/labels.ts';

export type { Collector };

export interface Exposition {
  readonly contentType: string;
  /** Not to be written to: the next rendering is made from it. */
  readonly body: Buffer;
}

export interface MetricsRegistryOptions {
  /** Told each collector that failed or was late at a scrape; the rest was served. */
  readonly onCollectorError?: (name: string, error: unknown) => void;
}

export interface RenderOptions {
  /** Only the families with one of these names, or with a sample of one of these names. */
  readonly names?: readonly string[];
  /** How long collectors may take, in milliseconds. */
  readonly timeLimitMs?: number;
}

/** The instrument that a definition describes. */
export type InstrumentOf<D extends MetricDefinition> = {
  counter: Counter<D['labelNames'][number]>;
  gauge: Gauge<D['labelNames'][number]>;
  histogram: Histogram<D['labelNames'][number]>;
  info: Info<D['labelNames'][number]>;
}[D['type']];

const DEFAULT_TIME_LIMIT_MS = 1_200;

/**
 * The client's registry, so that all of its ecosystem can register here, with three things of its own:
 * collectors that cannot hold up or break a scrape, a rendering to bytes that reuses what has not changed,
 * and both formats from the same metrics, chosen per request.
 */
export class MetricsRegistry extends Registry {
  readonly #collectors = new Map<string, Job>();
  readonly #definitions = new Map<string, MetricDefinition>();
  readonly #gathering: Gathering;
  /** Which metric uses a name: its own, or one with a suffix. */
  #owners = new Map<string, string>();
  #defaultLabels: Readonly<Record<string, LabelValue>> = {};
  readonly #bodies = new Bodies();
  /** Renderings under way, by what was asked for. */
  readonly #shared = new Map<string, Promise<Exposition>>();

  constructor({ onCollectorError = () => undefined }: MetricsRegistryOptions = {}) {
    super();
    this.#gathering = new Gathering(onCollectorError);
  }

  /** Live series of the instruments in this registry, without those of other makes. */
  get seriesCount(): number {
    return this.#instruments().reduce((sum, { table }) => sum + table.size, 0);
  }

  /** Writes that went to the overflow series of an instrument with too many label sets, by its name. */
  get overflowCounts(): ReadonlyMap<string, number> {
    const overflowing = this.#instruments().filter(({ table }) => table.overflowed > 0);
    return new Map(overflowing.map(({ family, table }) => [family, table.overflowed]));
  }

  /** Has the collector run before each rendering, within the time limit. Answers a function that removes it. */
  addCollector(collector: Collector): () => void {
    const { name } = collector;
    if (this.#collectors.has(name)) {
      throw new Error(`expected a collector with a new name; ${name} is there already`);
    }
    const job = { key: collector, name, run: (signal: AbortSignal) => collector.collect(signal) };
    this.#collectors.set(name, job);
    return () => {
      if (this.#collectors.get(name) === job) this.#collectors.delete(name);
    };
  }

  /** The instrument of a definition: made at the first call, the same one after that. */
  instrument<const D extends MetricDefinition>(definition: D): InstrumentOf<D> {
    const { name } = definition;
    const existing = this.#definitions.get(name);
    if (existing !== undefined && existing !== definition) {
      throw new Error(`expected one definition of ${name}; another is registered already`);
    }
    const instrument = existing ? this.getSingleMetric(name) : createInstrument(definition, this);
    this.#definitions.set(name, definition);
    return instrument as InstrumentOf<D>; // made from this definition, here or at an earlier call
  }

  /**
   * Takes a metric of any make that keeps the client's contract. Throws when it, or a sample of it with a
   * suffix such as `_count`, has another metric's name.
   */
  override registerMetric(metric: object): void {
    const { name, type } = metric as AnyMetric; // by that contract
    if (this.getSingleMetric(name) !== metric) {
      for (const used of namesOf({ name, type })) {
        const owner = this.#owners.get(used);
        if (owner !== undefined) {
          throw new Error(`expected a metric with names of its own; ${name} and ${owner} both have ${used}`);
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

  /** Removes all metrics and default labels; collectors stay. */
  override clear(): void {
    super.clear();
    this.#owners = new Map();
    this.#definitions.clear();
    this.#defaultLabels = {};
    this.#bodies.forget(this.#defaultLabels);
  }

  /** Labels for every series that has none of that name. */
  override setDefaultLabels(labels: Readonly<Record<string, LabelValue>>): void {
    super.setDefaultLabels(labels);
    this.#defaultLabels = { ...labels };
    this.#bodies.forget(this.#defaultLabels);
  }

  /** The text of all metrics, in the registry's own content type: 0.0.4 unless it was set to OpenMetrics. */
  override async metrics(): Promise<string> {
    const { body } = await this.render(this.contentType);
    return body.toString();
  }

  /** The text of one metric, registered here or not, without a newline at its end. */
  override async getMetricsAsString(metric: Parameters<Registry['getMetricsAsString']>[0]): Promise<string> {
    const snapshot = await (metric as unknown as AnyMetric).get(); // the client's type is narrower
    return [...formatSnapshot(snapshot, negotiateFormat(this.contentType), this.#defaultLabels)]
      .join('')
      .trimEnd();
  }

  /**
   * All metrics, after the collectors have run, in the format that the Accept header prefers. Calls that ask
   * for the same at the same time share one rendering.
   */
  render(
    accept?: string,
    { names, timeLimitMs = DEFAULT_TIME_LIMIT_MS }: RenderOptions = {},
  ): Promise<Exposition> {
    const format = negotiateFormat(accept);
    const key = JSON.stringify([format, timeLimitMs, names]);
    let rendering = this.#shared.get(key);
    if (rendering === undefined) {
      rendering = this.#render(format, names, timeLimitMs).finally(() => this.#shared.delete(key));
      this.#shared.set(key, rendering);
    }
    return rendering;
  }

  /** Every metric in the client's shape. Of other makes, one that failed or was late is left out. */
  override async getMetricsAsJSON(aggregator?: string): ReturnType<Registry['getMetricsAsJSON']> {
    const metrics = this.#metrics().filter(
      (metric) => aggregator === undefined || aggregator === (metric.aggregator ?? 'sum'),
    );
    const answers = await this.#gather(metrics, DEFAULT_TIME_LIMIT_MS);
    const snapshots = metrics
      .map((metric) => (metric instanceof Instrument ? metric.snapshot() : answers.get(metric)))
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

  /** All metrics of the registries in a new one. Accepts prom-client's registries too. */
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
    const answers = await this.#gather(metrics, timeLimitMs);
    return { contentType: CONTENT_TYPES[format], body: await this.#bodies.write(metrics, answers, format) };
  }

  /** Runs the collectors and the metrics' own; answers what `get()` of other makes came to, by metric. */
  async #gather(metrics: readonly AnyMetric[], timeLimitMs: number): Promise<ReadonlyMap<object, unknown>> {
    const jobs = [...this.#collectors.values()];
    for (const metric of metrics) {
      if (!(metric instanceof Instrument))
        jobs.push({ key: metric, name: metric.name, run: () => metric.get() });
      else if (metric.collect) jobs.push({ key: metric, name: metric.family, run: () => metric.collect?.() });
    }
    const answers = jobs.length === 0 ? new Map() : await this.#gathering.run(jobs, timeLimitMs);
    const nowMs = Date.now();
    for (const metric of metrics) if (metric instanceof Instrument) metric.expire(nowMs);
    return answers;
  }
}

function createInstrument(
  { type, ...options }: MetricDefinition,
  registry: MetricsRegistry,
): Instrument<string> {
  const registered = { ...options, registers: [registry] };
  if (type === 'counter') return new Counter(registered);
  if (type === 'histogram') return new Histogram(registered);
  return type === 'info' ? new Info(registered) : new Gauge(registered);
}

/** Where instruments go that are given no `registers`. */
export const register = new MetricsRegistry();
setDefaultRegistry(register);

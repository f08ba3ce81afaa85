import { Registry, type RegistryContentType, register } from '@prometheus-io/client';
import type { DefaultLabels } from './exposition/body-writer.ts';
import { checkLabelNames, toReadable } from './series/label-validation.ts';
import { textOf, warn } from './series/misuse.ts';

/** What all registries have of the client's contract, prom-client's too. */
export interface AnyRegistry {
  readonly contentType: string;
  getMetricsAsArray(): readonly object[];
}

/**
 * The client's registry, which can also be constructed from an existing one. Then that object gets the fields and
 * the methods of the subclass and keeps its metrics, so that whoever holds it uses the new registry.
 */
export class AdoptingRegistry<T extends RegistryContentType> extends Registry<T> {
  constructor(contentType?: RegistryContentType, existing?: Registry<T>) {
    super(contentType);
    if (existing === undefined) return;
    Object.setPrototypeOf(existing, new.target.prototype);
    // biome-ignore lint/correctness/noConstructorReturn: only so does an existing object get private fields
    return existing;
  }
}

/** A copy of a registry's default labels, without any that no scraper takes. The client's types hide them. */
export function defaultLabelsOf(registry: AnyRegistry): DefaultLabels {
  const { _defaultLabels: labels = {} } = registry as { readonly _defaultLabels?: DefaultLabels };
  try {
    return checkDefaultLabels(labels);
  } catch (error) {
    warn(`a registry's default labels are left out: ${textOf(error)}`);
    return {};
  }
}

/** A copy of default labels without those that have no value. Throws for names that no scraper takes. */
export function checkDefaultLabels(labels: DefaultLabels): DefaultLabels {
  checkLabelNames('the default labels', Object.keys(labels), ['le', 'quantile']);
  const given = Object.entries(labels).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(
    given.map(([name, value]) => [name, typeof value === 'number' ? value : toReadable(String(value))]),
  );
}

/** The mark of a registry that a copy of this library took over. The number rises when a method changes. */
const ADOPTED = Symbol.for('@asdlc/metrics default registry 1');

/** Takes the client's default registry over, unless another copy of this library has: then all copies share it. */
export function adoptDefaultRegistry<R extends Registry>(adopt: (existing: Registry) => R): R {
  const marked: Registry & { [ADOPTED]?: boolean } = register;
  if (marked[ADOPTED]) return register as R; // of the class that the mark's number stands for
  marked[ADOPTED] = true;
  return adopt(register);
}

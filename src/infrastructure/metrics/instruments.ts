import { Counter as ClientCounter, Gauge, Histogram } from '@prometheus-io/client';

export { Gauge, Histogram };

type Labels<L extends string> = Parameters<ClientCounter<L>['remove']>[0] & object;

/** A counter that can also mirror a total kept elsewhere. */
export class Counter<L extends string> extends ClientCounter<L> {
  /** Shows a cumulative value that is owned elsewhere; a lower one than before reads as a restart. */
  setTotal(labels: Labels<L>, value: number): void {
    this.remove(labels);
    this.inc(labels, value);
  }
}

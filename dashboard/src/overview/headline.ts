import type { PanelHeadline } from '../../../src/shared/http-contract/panels.ts';
import { currentValue } from '../charts/series/summary.ts';
import { type Quantity, quantity, type Unit } from '../format/quantity.ts';

export interface Headline extends Quantity {
  /** Which of the values it is: `p95`, `total`, `waiting`. */
  readonly label: string;
}

export interface HeadlineInput {
  readonly headline: PanelHeadline;
  readonly unit: Unit;
  readonly times: readonly number[];
  readonly series: readonly { readonly legend: string; readonly values: readonly (number | null)[] }[];
}

/** The one number that stands for a panel, by the rule that the panel's data name. */
export function headlineOf({ headline, unit, times, series }: HeadlineInput): Headline {
  const values = new Map(series.map(({ legend, values }) => [legend, currentValue(values, times)]));
  const known = [...values.values()].filter((value) => value !== null);
  const { kind, legend = '' } = headline;
  const of = (value: number | null | undefined, label: string) => ({ ...quantity(value, unit), label });
  if (kind === 'series') return of(values.get(legend), legend);
  if (known.length === 0) return of(null, '');
  const isOne = values.size === 1;
  switch (kind) {
    case 'sum':
      return of(sum(known), isOne ? '' : 'total');
    case 'max':
      return of(Math.max(...known), isOne ? '' : 'highest');
    case 'min':
      return of(Math.min(...known), isOne ? '' : 'all services');
    case 'share':
      return {
        number: quantity(values.get(legend), unit).number,
        unit: `of ${quantity(sum(known), unit).number}`,
        label: legend,
      };
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

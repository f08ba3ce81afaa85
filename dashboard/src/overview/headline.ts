import type { PanelData } from '../api/answers.ts';
import { currentValue } from '../charts/summary.ts';
import { type Quantity, quantity } from '../format.ts';

export interface Headline extends Quantity {
  /** Which of the values it is: `p95`, `total`, `waiting`. */
  readonly label: string;
}

type Choice = 'total' | 'highest' | 'lowest' | 'share' | { readonly series: string };

/** The one number of a panel that matters first. */
const PICKS: Readonly<Record<string, Choice>> = {
  request_rate: 'total',
  error_ratio: 'highest',
  request_latency: { series: 'p95' },
  events_rate: 'total',
  event_failures: { series: 'failed' },
  event_wait: { series: 'p95' },
  event_duration: { series: 'p95' },
  queue_depth: { series: 'waiting' },
  oldest_age: 'highest',
  worker_slots: 'share',
  redis_up: 'lowest',
  redis_latency: { series: 'p95' },
  memory: 'total',
  cpu: 'total',
  event_loop_delay: 'highest',
};

export function headlineOf(panel: Pick<PanelData, 'name' | 'unit' | 'series' | 'times'>): Headline {
  const values = new Map(
    panel.series.map(({ legend, values }) => [legend, currentValue(values, panel.times)]),
  );
  const known = [...values.values()].filter((value) => value !== null);
  const pick = PICKS[panel.name] ?? 'highest';
  const of = (value: number | null | undefined, label: string) => ({
    ...quantity(value, panel.unit),
    label,
  });
  if (typeof pick === 'object') return of(values.get(pick.series), pick.series);
  if (known.length === 0) return of(null, '');
  const isOne = values.size === 1;
  switch (pick) {
    case 'total':
      return of(sum(known), isOne ? '' : 'total');
    case 'highest':
      return of(Math.max(...known), isOne ? '' : 'highest');
    case 'lowest':
      return of(Math.min(...known), isOne ? '' : 'all services');
    case 'share': {
      const busy = quantity(values.get('busy'), panel.unit);
      return { number: busy.number, unit: `of ${quantity(sum(known), panel.unit).number}`, label: 'busy' };
    }
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

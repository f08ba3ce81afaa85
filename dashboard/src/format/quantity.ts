import type { PanelUnit } from '../../../src/shared/http-contract/panels.ts';

/** Numbers as people read them. All functions are pure, and do not depend on the locale. */

/** `none`: the unit is not known. */
export type Unit = PanelUnit | 'none';

export interface Quantity {
  readonly number: string;
  /** Empty if the number needs none. */
  readonly unit: string;
}

export const NO_VALUE = '–';
const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** A value in the unit that suits its size; a dash for null. */
export function quantity(value: number | null | undefined, unit: Unit): Quantity {
  if (value === null || value === undefined || !Number.isFinite(value)) return { number: NO_VALUE, unit: '' };
  switch (unit) {
    case 'requests_per_second':
      return { number: plain(value), unit: 'req/s' };
    case 'events_per_second':
      return { number: plain(value), unit: '/s' };
    case 'ratio':
      return { number: plain(value * 100), unit: '%' };
    case 'seconds':
      return secondsQuantity(value);
    case 'bytes':
      return bytesQuantity(value);
    case 'cores':
      return { number: plain(value), unit: 'cores' };
    case 'boolean':
      return { number: value >= 1 ? 'up' : 'down', unit: '' };
    case 'count':
    case 'none':
      return { number: plain(value), unit: '' };
  }
}

export function formatValue(value: number | null | undefined, unit: Unit): string {
  const { number, unit: suffix } = quantity(value, unit);
  if (suffix === '') return number;
  return suffix === '%' ? `${number}%` : `${number} ${suffix}`;
}

/** A value for an axis or a legend, without the unit if the chart says it once for all values (`req/s`). */
export function formatTick(value: number | null | undefined, unit: Unit): string {
  return formatValue(value, unitSaidOnce(unit) === '' ? unit : 'none');
}

/** The unit that `formatTick` leaves out; empty if the unit depends on the value. */
export function unitSaidOnce(unit: Unit): string {
  const isSaidOnce = unit === 'requests_per_second' || unit === 'events_per_second' || unit === 'cores';
  return isSaidOnce ? quantity(0, unit).unit : '';
}

/** About three significant digits: 0.012, 1.23, 12.3, 123, 1,235, 12.3k, 1.2M. */
export function plain(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size < 0.001) return value.toExponential(0);
  if (size < 0.1) return trimmed(value.toPrecision(2));
  if (size < 9.995) return trimmed(value.toFixed(2));
  if (size < 99.95) return trimmed(value.toFixed(1));
  if (size < 9_999.5) return grouped(Math.round(value));
  if (size < 999_950) return `${trimmed((value / 1e3).toFixed(1))}k`;
  if (size < 999_950_000) return `${trimmed((value / 1e6).toFixed(1))}M`;
  return `${trimmed((value / 1e9).toFixed(1))}G`;
}

function secondsQuantity(value: number): Quantity {
  const size = Math.abs(value);
  if (size === 0) return { number: '0', unit: 's' };
  if (size < 0.000_999_5) return { number: plain(value * 1e6), unit: 'µs' };
  if (size < 0.999_5) return { number: plain(value * 1e3), unit: 'ms' };
  if (size < 120) return { number: plain(value), unit: 's' };
  if (size < 7_200) return { number: plain(value / 60), unit: 'min' };
  return size < 172_800
    ? { number: plain(value / 3_600), unit: 'h' }
    : { number: plain(value / 86_400), unit: 'd' };
}

function bytesQuantity(value: number): Quantity {
  const size = Math.abs(value);
  const power = size < 1 ? 0 : Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log2(size) / 10));
  return { number: plain(value / 1024 ** power), unit: BYTE_UNITS[power] ?? 'B' };
}

function trimmed(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

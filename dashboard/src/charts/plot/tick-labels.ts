import { formatValue, type Unit } from '../../format/quantity.ts';
import { formatTime } from '../../format/time.ts';

/** Labels for the ticks of an axis, and the places of the ticks of a time axis. */

interface Scale {
  readonly size: number;
  readonly suffix: string;
}

/** Scales of a unit, the smallest first. A scale is used from its size on, or from `from` on if that is given. */
const SCALES: Readonly<Partial<Record<Unit, readonly (Scale & { readonly from?: number })[]>>> = {
  ratio: [{ size: 0.01, suffix: '%' }],
  seconds: [
    { size: 1e-6, suffix: ' µs' },
    { size: 1e-3, suffix: ' ms' },
    { size: 1, suffix: ' s' },
    { size: 60, suffix: ' min', from: 120 },
    { size: 3_600, suffix: ' h', from: 7_200 },
    { size: 86_400, suffix: ' d', from: 172_800 },
  ],
  bytes: ['B', 'KiB', 'MiB', 'GiB', 'TiB'].map((name, i) => ({ size: 1024 ** i, suffix: ` ${name}` })),
};
const PLAIN_SCALES = [
  { size: 1, suffix: '' },
  { size: 1e3, suffix: 'k', from: 1e4 },
  { size: 1e6, suffix: 'M' },
  { size: 1e9, suffix: 'G' },
];
const MOST_DECIMALS = 3;

/** Labels for the ticks of a value axis: all in one unit, with enough decimals to tell them apart. */
export function tickLabels(ticks: readonly number[], unit: Unit): string[] {
  if (unit === 'boolean') return ticks.map((tick) => formatValue(tick, unit));
  const scales = SCALES[unit] ?? PLAIN_SCALES;
  const largest = Math.max(0, ...ticks.map(Math.abs));
  const scale = scales.findLast(({ size, from = size }) => largest >= from * (1 - 1e-9)) ?? scales[0];
  if (scale === undefined) return ticks.map(String);
  const decimals = decimalsFor(ticks, scale.size);
  const isTooFine = decimals > MOST_DECIMALS && scale.size > 1 && unit !== 'seconds';
  const used = isTooFine ? (scales.find(({ size }) => size === 1) ?? scale) : scale;
  const shown = isTooFine ? decimalsFor(ticks, used.size) : decimals;
  return ticks.map((tick) => `${decimal(tick / used.size, shown)}${used.suffix}`);
}

/** The fewest decimals that show the distance between ticks. */
function decimalsFor(ticks: readonly number[], size: number): number {
  const [first = 0, second = first] = ticks;
  const step = Math.abs(second - first) / size;
  if (step === 0) return MOST_DECIMALS;
  const atLeast = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const isExact = (decimals: number) =>
    ticks.every((tick) => Math.abs(Number((tick / size).toFixed(decimals)) - tick / size) < step / 100);
  const found = [0, 1, 2].map((more) => Math.min(20, atLeast + more)).find(isExact);
  return found ?? Math.min(20, atLeast + 1);
}

function decimal(value: number, decimals: number): string {
  const size = Math.abs(value);
  if (size > 0 && decimals > 6 && size < 1e-3) return String(Number(value.toPrecision(4)));
  const [whole = '', fraction = ''] = value.toFixed(decimals).split('.');
  const tail = fraction.replace(/0+$/, '');
  const text = whole.replace(/\B(?=(\d{3})+$)/g, ',') + (tail === '' ? '' : `.${tail}`);
  return text === '-0' ? '0' : text;
}

/** A label for a tick of the time axis, as precise as the distance between ticks needs; at midnight the date. */
export function timeTick(seconds: number, distanceSeconds: number, isUtc: boolean): string {
  const date = formatTime(seconds, { isUtc, show: 'date' }).slice(5);
  if (distanceSeconds >= 86_400) return date;
  if (distanceSeconds < 60) return formatTime(seconds, { isUtc, show: 'time' });
  const minutes = formatTime(seconds, { isUtc, show: 'minutes' });
  return minutes === '00:00' ? date : minutes;
}

const MONTH_SECONDS = 28 * 86_400;

/**
 * Ticks of a time axis in UTC, every `distance` seconds. uPlot puts its own ticks at even times of the browser's zone:
 * in UTC they would be uneven when that zone's clocks change.
 */
export function utcTicks(start: number, end: number, distance: number): number[] {
  if (distance >= MONTH_SECONDS) return monthTicks(start, end, Math.round(distance / (30 * 86_400)));
  const first = Math.ceil(start / distance) * distance;
  return Array.from({ length: Math.floor((end - first) / distance) + 1 }, (_, i) => first + i * distance);
}

function monthTicks(start: number, end: number, months: number): number[] {
  const from = new Date(start * 1000);
  const ticks: number[] = [];
  for (let month = 0; ; month += Math.max(1, months)) {
    const tick = Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + month) / 1000;
    if (tick > end) return ticks;
    if (tick >= start) ticks.push(tick);
  }
}

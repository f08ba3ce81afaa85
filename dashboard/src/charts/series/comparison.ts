import { formatTick, formatValue, type Unit } from '../../format/quantity.ts';

/** A value beside the one of an earlier time, in words. */
export interface Comparison {
  readonly earlier: string;
  /** With its sign; a dash if one of the two is not known. */
  readonly difference: string;
}

type Format = typeof formatValue;
const NOT_KNOWN = '–';

/** `format` says how the values beside it are written. */
export function comparisonOf(
  value: number | null | undefined,
  earlier: number | null | undefined,
  unit: Unit,
  format: Format = formatValue,
): Comparison {
  return { earlier: format(earlier, unit), difference: differenceOf(value, earlier, unit, format) };
}

function differenceOf(
  value: number | null | undefined,
  earlier: number | null | undefined,
  unit: Unit,
  format: Format,
): string {
  if (value === null || value === undefined || earlier === null || earlier === undefined) return NOT_KNOWN;
  if (unit === 'boolean') return value === earlier ? 'same' : 'changed';
  if (format(value, unit) === format(earlier, unit)) return '±0';
  const text = format(Math.abs(value - earlier), unit);
  return value > earlier ? `+${text}` : `−${text}`;
}

/** For a legend: `was 9.8, +2.5`. */
export function legendComparison(
  value: number | null | undefined,
  earlier: number | null | undefined,
  unit: Unit,
): string {
  const { earlier: was, difference } = comparisonOf(value, earlier, unit, formatTick);
  return difference === NOT_KNOWN ? `was ${was}` : `was ${was}, ${difference}`;
}

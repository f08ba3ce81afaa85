/** A sample's value as both formats write it: the shortest digits that read back the same; NaN, +Inf, -Inf. */
export function formatNumber(value: number): string {
  if (value === Infinity) return '+Inf';
  if (value === -Infinity) return '-Inf';
  return String(value);
}

/**
 * A number as OpenMetrics wants it in `le` and `quantile` (OpenMetrics 1.0, "Canonical Numbers"): `1.0`, `0.25`,
 * `1e-05`, `1e+06`. That is Go's %g, with `.0` after whole numbers.
 */
export function formatCanonical(value: number): string {
  if (!Number.isFinite(value)) return formatNumber(value);
  const [mantissa = '', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < 6) return Number.isInteger(value) ? `${value}.0` : String(value);
  const sign = exponent < 0 ? '-' : '+';
  return `${mantissa}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

const INTEGER_LIMIT = 1e9;
const ZERO = 48;

/** Whether `writeInteger` can write the value. Most counts are short integers, and then need no string. */
export function isShortInteger(value: number): boolean {
  return value >= 0 && value < INTEGER_LIMIT && value === Math.trunc(value);
}

/** How many digits a short integer has. */
export function countDigits(value: number): number {
  if (value < 1e4) return value < 100 ? (value < 10 ? 1 : 2) : value < 1e3 ? 3 : 4;
  if (value < 1e7) return value < 1e6 ? (value < 1e5 ? 5 : 6) : 7;
  return value < 1e8 ? 8 : 9;
}

/** Writes a short integer of this many digits at `at`. */
export function writeInteger(target: Uint8Array, at: number, value: number, digits: number): void {
  let rest = value | 0;
  for (let position = at + digits - 1; position >= at; position -= 1) {
    const quotient = (rest / 10) | 0;
    target[position] = ZERO + rest - quotient * 10;
    rest = quotient;
  }
}

/** Writes a text of ASCII characters at `at`. */
export function writeAscii(target: Uint8Array, at: number, text: string): void {
  for (let index = 0; index < text.length; index += 1) target[at + index] = text.charCodeAt(index);
}

/*
 * `JSON.parse` alters a number that a double cannot hold: 9007199254740993 becomes …992 and 1e400 becomes Infinity. Such
 * a number is refused, so that nothing accepted is altered.
 */

/** Up to 15 digits and within these magnitudes a double holds every number: it can be written as it came. */
const MAX_EXACT_DIGITS = 15;
const [MIN_NORMAL, MAX_NORMAL] = [1e-290, 1e290];
const ZERO = 0x30;

/** Whether a double holds a JSON number. Its digits, with sign and point, end at `mantissaEnd`; its exponent at `end`. */
export function isExactNumber(text: string, at: number, mantissaEnd: number, end: number): boolean {
  const isShort = mantissaEnd - at <= MAX_EXACT_DIGITS;
  if (isShort && mantissaEnd === end) return true;
  const number = text.slice(at, end);
  const value = Number(number);
  const size = Math.abs(value);
  if (isShort && size > MIN_NORMAL && size < MAX_NORMAL) return true;
  if (size === 0) return /^-?[0.]+(?:e|$)/i.test(number);
  if (size === Number.POSITIVE_INFINITY) return false;
  const shown = String(value);
  return shown === number || canonical(number) === canonical(shown);
}

/**
 * Significant digits and power of ten: the same for all ways to write one number, which is finite and not 0. It may have
 * a million digits: `/0+$/` would begin again at each of its zeros.
 */
function canonical(number: string): string {
  const [mantissa = '', exponent = '0'] = number.replace(/^-/, '').toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const digits = whole + fraction;
  let [from, to] = [0, digits.length];
  while (digits.charCodeAt(from) === ZERO) from += 1;
  while (digits.charCodeAt(to - 1) === ZERO) to -= 1;
  return `${digits.slice(from, to)}e${Number(exponent) - fraction.length + digits.length - to}`;
}

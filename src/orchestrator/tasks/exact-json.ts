import { isUtf8 } from 'node:buffer';
import { inputInvalid } from '../../shared/errors.ts';

/*
 * JSON that is kept as it came. `JSON.parse` alters a number that a double cannot hold: 9007199254740993 becomes
 * …992 and 1e400 becomes Infinity. Such a number is refused, with its place, so that nothing accepted is altered.
 */

/** Up to 15 digits and within these magnitudes a double holds every number: it can be written as it came. */
const MAX_EXACT_DIGITS = 15;
const [MIN_NORMAL, MAX_NORMAL] = [1e-290, 1e290];

const QUOTE = 0x22;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const BACKSLASH = 0x5c;
const LETTER_E = 0x65;
/** The bit that makes an ASCII letter a lower-case one. */
const LOWER_CASE = 0x20;

/** The text of UTF-8 bytes. Throws ASDLC_INPUT_INVALID for others: U+FFFD would stand where they were. */
export function decodeUtf8(bytes: Buffer, place: string): string {
  if (!isUtf8(bytes)) throw inputInvalid(`${place}: expected UTF-8; got bytes that are not`);
  return bytes.toString();
}

/** The value of a JSON text. Throws ASDLC_INPUT_INVALID, naming the `place`, for anything else or an inexact number. */
export function parseExactJson(text: string, place: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw inputInvalid(`${place}: expected JSON; got a text that is not: ${(error as Error).message}`);
  }
  const inexact = findInexactNumber(text);
  if (inexact === undefined) return value;
  const path = [place, ...pathAt(text, inexact.at)].join('.');
  throw inputInvalid(
    `${path}: expected a number that a double holds exactly; got ${inexact.number.slice(0, 40)}. Send it as a string.`,
  );
}

/** The first number of a valid JSON text that a double does not hold exactly. */
function findInexactNumber(text: string): { readonly number: string; readonly at: number } | undefined {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at);
    } else if (code === MINUS || (code >= ZERO && code <= NINE)) {
      const mantissaEnd = endOfDigits(text, at + 1);
      const hasExponent = (text.charCodeAt(mantissaEnd) | LOWER_CASE) === LETTER_E;
      const end = hasExponent ? endOfDigits(text, mantissaEnd + 2) : mantissaEnd;
      if (!isExact(text, at, mantissaEnd, end)) return { number: text.slice(at, end), at };
      at = end - 1;
    }
  }
  return undefined;
}

/** Where the digits and points end that go on at `at`. */
function endOfDigits(text: string, at: number): number {
  let end = at;
  for (let code = text.charCodeAt(end); code === POINT || (code >= ZERO && code <= NINE); ) {
    end += 1;
    code = text.charCodeAt(end);
  }
  return end;
}

/** Where the string that begins at `at` has its closing quote. */
function endOfString(text: string, at: number): number {
  let end = at;
  do {
    end = text.indexOf('"', end + 1);
  } while (isEscaped(text, end));
  return end;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1;
  return backslashes % 2 === 1;
}

/** Asks for the canonical form, which is slow, only where it is needed: a text may hold 250,000 numbers. */
function isExact(text: string, at: number, mantissaEnd: number, end: number): boolean {
  const isShort = mantissaEnd - at <= MAX_EXACT_DIGITS;
  if (isShort && mantissaEnd === end) return true;
  const number = text.slice(at, end);
  const size = Math.abs(Number(number));
  if (isShort && size > MIN_NORMAL && size < MAX_NORMAL) return true;
  if (size === 0) return /^-?[0.]+(?:e|$)/i.test(number);
  if (size === Number.POSITIVE_INFINITY) return false;
  return canonical(number) === canonical(String(size));
}

/**
 * Significant digits and power of ten: the same for all ways to write one number, which is finite and not 0. It may have
 * a million digits: `/0+$/` would begin again at each of its zeros.
 */
function canonical(number: string): string {
  const [mantissa = '', exponent = '0'] = number.replace(/^-/, '').toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const digits = (whole + fraction).replace(/^0+/, '');
  let end = digits.length;
  while (digits.charCodeAt(end - 1) === ZERO) end -= 1;
  return `${digits.slice(0, end)}e${Number(exponent) - fraction.length + digits.length - end}`;
}

/** The names and indexes that lead to the value at `target` of a valid JSON text. */
function pathAt(text: string, target: number): string[] {
  const path: (string | number)[] = [];
  let name: string | undefined;
  for (let at = 0; at < target; at += 1) {
    const character = text[at];
    if (character === '"') {
      const end = endOfString(text, at);
      name = text.slice(at, end + 1);
      at = end;
    } else if (character === ':' && name !== undefined) path[path.length - 1] = JSON.parse(name) as string;
    else if (character === '[') path.push(0);
    else if (character === '{') path.push('');
    else if (character === ']' || character === '}') path.pop();
    else if (character === ',') {
      const last = path.at(-1);
      if (typeof last === 'number') path[path.length - 1] = last + 1;
    }
  }
  return path.map(String);
}

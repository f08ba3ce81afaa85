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
/** The bit that makes an ASCII letter a lower-case one, and a square bracket a curly one. */
const LOWER_CASE = 0x20;
const CURLY = LOWER_CASE;
const [OPEN_CURLY, CLOSE_CURLY] = [0x7b, 0x7d];

/** The text of UTF-8 bytes. Throws ASDLC_INPUT_INVALID for others: U+FFFD would stand where they were. */
export function decodeUtf8(bytes: Buffer, place: string): string {
  if (!isUtf8(bytes)) throw inputInvalid(`${place}: expected UTF-8; got bytes that are not`);
  return bytes.toString();
}

export interface ExactJsonOptions {
  /** Names the value in messages. */
  readonly place: string;
  /** How many arrays and objects may be within each other, within the outermost. */
  readonly maxLevels: number;
  /** Awaited between two steps: one alone may take tens of milliseconds for 1 MiB. */
  readonly endOfStep?: () => Promise<void> | undefined;
}

/** The value of a JSON text. Rejects with ASDLC_INPUT_INVALID for anything else, an inexact number or too many levels. */
export async function parseExactJson(
  text: string,
  { place, maxLevels, endOfStep }: ExactJsonOptions,
): Promise<unknown> {
  const { levels, inexact } = scan(text, maxLevels);
  if (levels > maxLevels)
    throw inputInvalid(`${place}: expected at most ${maxLevels} levels within it; got more`);
  await endOfStep?.();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw inputInvalid(`${place}: expected JSON; got a text that is not: ${(error as Error).message}`);
  }
  await endOfStep?.();
  if (inexact === undefined) return value;
  const path = [place, ...pathAt(text, inexact.at)].join('.');
  throw inputInvalid(
    `${path}: expected a number that a double holds exactly; got ${inexact.number.slice(0, 40)}. Send it as a string.`,
  );
}

interface Scan {
  /** Counted up to one more than allowed. */
  readonly levels: number;
  /** The first number that a double does not hold exactly. */
  readonly inexact: { readonly number: string; readonly at: number } | undefined;
}

/** Reads what may be no JSON: `JSON.parse` takes long for a text of brackets alone, so this comes first. */
function scan(text: string, maxLevels: number): Scan {
  let [level, levels] = [-1, 0];
  let inexact: Scan['inexact'];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at);
    } else if ((code | CURLY) === OPEN_CURLY) {
      level += 1;
      if (level > levels) levels = level;
      if (levels > maxLevels) break;
    } else if ((code | CURLY) === CLOSE_CURLY) {
      level -= 1;
    } else if (inexact === undefined && (code === MINUS || (code >= ZERO && code <= NINE))) {
      const mantissaEnd = endOfDigits(text, at + 1);
      const hasExponent = (text.charCodeAt(mantissaEnd) | LOWER_CASE) === LETTER_E;
      const end = hasExponent ? endOfDigits(text, mantissaEnd + 2) : mantissaEnd;
      if (!isExact(text, at, mantissaEnd, end)) inexact = { number: text.slice(at, end), at };
      at = end - 1;
    }
  }
  return { levels, inexact };
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

/** Where the string that begins at `at` has its closing quote, or where the text ends. */
function endOfString(text: string, at: number): number {
  let end = at;
  do {
    end = text.indexOf('"', end + 1);
    if (end === -1) return text.length;
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
  const value = Number(number);
  const size = Math.abs(value);
  if (isShort && size > MIN_NORMAL && size < MAX_NORMAL) return true;
  if (size === 0) return /^-?[0.]+(?:e|$)/i.test(number);
  if (!Number.isFinite(size)) return false; // NaN: the text is no JSON
  const shown = String(value);
  return shown === number || canonical(number) === canonical(shown);
}

/**
 * Significant digits and power of ten: the same for all ways to write one number. The number is finite and not 0, so it
 * has such digits, and its power of ten is no larger than the text is long. The digits may be a million: no regular
 * expression that begins at each of them again.
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

/** The names and indexes that lead to the value at `target` of a valid JSON text. */
function pathAt(text: string, target: number): string[] {
  const path: (string | number)[] = [];
  let name = '""';
  for (let at = 0; at < target; at += 1) {
    const character = text[at];
    if (character === '"') {
      const end = endOfString(text, at);
      name = text.slice(at, end + 1);
      at = end;
    } else if (character === ':') path[path.length - 1] = name;
    else if (character === '[') path.push(0);
    else if (character === '{') path.push('""');
    else if (character === ']' || character === '}') path.pop();
    else if (character === ',') {
      const last = path.at(-1);
      if (typeof last === 'number') path[path.length - 1] = last + 1;
    }
  }
  return path.map((step) => String(typeof step === 'string' ? JSON.parse(step) : step));
}

import { isUtf8 } from 'node:buffer';
import { inputInvalid } from '../../shared/errors.ts';
import { isExactNumber } from './exact-number.ts';

/*
 * Checks JSON without making its values. `JSON.parse` holds the event loop for up to 100 ms with 1 MiB, and the values
 * take up to 20 times the memory of the text. The orchestrator only passes payloads on, so it keeps their texts.
 */

/** Characters that are read in one step: 1 ms or so for the slowest. */
const STEP_CHARACTERS = 16 * 1024;

const code = (character: string) => character.charCodeAt(0);
const [QUOTE, BACKSLASH, COMMA, COLON, POINT] = ['"', '\\', ',', ':', '.'].map(code);
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_LIST, CLOSE_LIST] = ['{', '}', '[', ']'].map(code);
const [MINUS, PLUS, ZERO, NINE, LETTER_E, LETTER_U] = ['-', '+', '0', '9', 'e', 'u'].map(code) as [
  number,
  number,
  number,
  number,
  number,
  number,
];
/** The bit that makes an ASCII letter a lower-case one. */
const LOWER_CASE = 0x20;
const SPACE = 0x20;
const IS_ESCAPE = new Set(['"', '\\', '/', 'b', 'f', 'n', 'r', 't'].map(code));
const LITERALS = ['true', 'false', 'null'];

/** The text of UTF-8 bytes. Throws ASDLC_INPUT_INVALID for others: U+FFFD would stand where they were. */
export function decodeUtf8(bytes: Buffer, place: string): string {
  if (!isUtf8(bytes)) throw inputInvalid(`${place}: expected UTF-8; got bytes that are not`);
  return bytes.toString();
}

/** What a reader of JSON may want to know of it, in order. Positions are those in the text. */
export interface JsonListener {
  /** A value begins that is a list or an object. */
  open?(isObject: boolean, at: number): void;
  /** It ends. */
  close?(end: number): void;
  /** A name, with its quotes. Its value comes next. */
  name?(from: number, end: number): void;
  /** A string, number or literal. */
  scalar?(from: number, end: number): void;
}

export interface JsonReaderOptions {
  /** Names the value in messages. */
  readonly place: string;
  /** How many arrays and objects may be within each other, within the outermost. */
  readonly maxLevels?: number;
  /** Whether a number that no double holds is refused. */
  readonly isExact?: boolean;
  readonly listener?: JsonListener;
}

/**
 * Reads a JSON text to its end, a step at a time. Throws ASDLC_INPUT_INVALID for anything else, an inexact number or too
 * many levels.
 */
export function* readJson(text: string, options: JsonReaderOptions): Generator<void, void> {
  const { maxLevels = Number.POSITIVE_INFINITY, listener, place } = options;
  const reader = new Reader(text, options);
  const isObject: boolean[] = [];
  let nextStep = STEP_CHARACTERS;
  let at = reader.skipSpace(0);
  for (;;) {
    const first = text.charCodeAt(at);
    if (first === OPEN_OBJECT || first === OPEN_LIST) {
      if (isObject.length > maxLevels)
        throw inputInvalid(`${place}: expected at most ${maxLevels} levels within it; got more`);
      isObject.push(first === OPEN_OBJECT);
      listener?.open?.(first === OPEN_OBJECT, at);
      at = reader.skipSpace(at + 1);
      if (text.charCodeAt(at) !== (first === OPEN_OBJECT ? CLOSE_OBJECT : CLOSE_LIST)) {
        if (first === OPEN_OBJECT) at = reader.readName(at);
        continue;
      }
    } else {
      const end = reader.endOfScalar(at);
      listener?.scalar?.(at, end);
      at = reader.skipSpace(end);
    }
    if (at > nextStep) {
      yield;
      nextStep = at + STEP_CHARACTERS;
    }
    at = reader.readEnds(at, isObject);
    if (isObject.length === 0) break;
  }
  if (at < text.length) throw reader.unexpected(at);
}

class Reader {
  readonly #text: string;
  readonly #options: JsonReaderOptions;

  constructor(text: string, options: JsonReaderOptions) {
    this.#text = text;
    this.#options = options;
  }

  /** Reads what closes lists and objects, and the comma and name after it. Returns where the next value begins. */
  readEnds(from: number, isObject: boolean[]): number {
    const { listener } = this.#options;
    let at = from;
    for (;;) {
      const isInObject = isObject.at(-1);
      if (isInObject === undefined) return at;
      const next = this.#text.charCodeAt(at);
      if (next === COMMA) {
        at = this.skipSpace(at + 1);
        return isInObject ? this.readName(at) : at;
      }
      if (next !== (isInObject ? CLOSE_OBJECT : CLOSE_LIST)) throw this.unexpected(at);
      isObject.pop();
      listener?.close?.(at + 1);
      at = this.skipSpace(at + 1);
    }
  }

  /** Reads a name and its colon. Returns where its value begins. */
  readName(at: number): number {
    if (this.#text.charCodeAt(at) !== QUOTE) throw this.unexpected(at);
    const end = this.#endOfString(at);
    this.#options.listener?.name?.(at, end);
    const colon = this.skipSpace(end);
    if (this.#text.charCodeAt(colon) !== COLON) throw this.unexpected(colon);
    return this.skipSpace(colon + 1);
  }

  skipSpace(from: number): number {
    let at = from;
    while (isWhiteSpace(this.#text.charCodeAt(at))) at += 1;
    return at;
  }

  endOfScalar(at: number): number {
    const first = this.#text.charCodeAt(at);
    if (first === QUOTE) return this.#endOfString(at);
    if (first === MINUS || (first >= ZERO && first <= NINE)) return this.#endOfNumber(at);
    for (const literal of LITERALS) if (this.#text.startsWith(literal, at)) return at + literal.length;
    throw this.unexpected(at);
  }

  #endOfString(from: number): number {
    const text = this.#text;
    for (let at = from + 1; at < text.length; at += 1) {
      const next = text.charCodeAt(at);
      if (next === QUOTE) return at + 1;
      if (next < SPACE) throw this.unexpected(at);
      if (next !== BACKSLASH) continue;
      at += 1;
      const escaped = text.charCodeAt(at);
      if (escaped === LETTER_U) {
        for (const end = at + 4; at < end; at += 1)
          if (!isHexDigit(text.charCodeAt(at + 1))) throw this.unexpected(at + 1);
      } else if (!IS_ESCAPE.has(escaped)) throw this.unexpected(at);
    }
    throw this.unexpected(text.length);
  }

  #endOfNumber(from: number): number {
    const text = this.#text;
    const whole = text.charCodeAt(from) === MINUS ? from + 1 : from;
    let end = text.charCodeAt(whole) === ZERO ? whole + 1 : this.#endOfDigits(whole);
    if (text.charCodeAt(end) === POINT) end = this.#endOfDigits(end + 1);
    const mantissaEnd = end;
    if ((text.charCodeAt(end) | LOWER_CASE) === LETTER_E) {
      const sign = text.charCodeAt(end + 1);
      end = this.#endOfDigits(sign === MINUS || sign === PLUS ? end + 2 : end + 1);
    }
    if (this.#options.isExact && !isExactNumber(text, from, mantissaEnd, end)) throw this.#inexact(from, end);
    return end;
  }

  /** Where the digits end that begin at `from`, of which there must be one. */
  #endOfDigits(from: number): number {
    let end = from;
    for (let next = this.#text.charCodeAt(end); next >= ZERO && next <= NINE; ) {
      end += 1;
      next = this.#text.charCodeAt(end);
    }
    if (end === from) throw this.unexpected(end);
    return end;
  }

  unexpected(at: number) {
    const got = at < this.#text.length ? JSON.stringify(this.#text[at]) : 'the end';
    return inputInvalid(
      `${this.#options.place}: expected JSON; got a text that is not: unexpected ${got} at position ${at}`,
    );
  }

  #inexact(from: number, end: number) {
    const path = [this.#options.place, ...pathAt(this.#text, from)].join('.');
    const number = this.#text.slice(from, Math.min(end, from + 40));
    return inputInvalid(
      `${path}: expected a number that a double holds exactly; got ${number}. Send it as a string.`,
    );
  }
}

function isWhiteSpace(next: number): boolean {
  return next === SPACE || next === 0x0a || next === 0x0d || next === 0x09;
}

function isHexDigit(next: number): boolean {
  const letter = next | LOWER_CASE;
  return (next >= ZERO && next <= NINE) || (letter >= 0x61 && letter <= 0x66);
}

/** The names and indexes that lead to the value at `target` of a text that is valid up to there. */
function pathAt(text: string, target: number): string[] {
  const path: (string | number)[] = [];
  let name = '""';
  for (let at = 0; at < target; at += 1) {
    const character = text[at];
    if (character === '"') {
      const from = at;
      do at = text.indexOf('"', at + 1);
      while (isEscaped(text, at));
      name = text.slice(from, at + 1);
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

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1;
  return backslashes % 2 === 1;
}

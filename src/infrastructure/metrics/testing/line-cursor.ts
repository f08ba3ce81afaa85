import { toNumber } from './exposition.ts';

const LABEL_NAME = /[a-zA-Z_][a-zA-Z0-9_]*/y;
const LABEL_VALUE = /(?:[^"\\]|\\["\\n])*/y;
const NUMBER = /(?:nan|[+-]?inf(?:inity)?|[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(?![^ \t])/iy;
const SPACE = /[ \t]+/y;

/** A line that breaks its format. The reader adds the number of the line. */
export class LineError extends Error {
  readonly expected: string;
  readonly got: string;

  constructor(expected: string, got: string) {
    super(`expected ${expected}; got ${got}`);
    this.expected = expected;
    this.got = got;
  }
}

/** Reads one line from left to right. The text format allows any blanks between two parts, OpenMetrics one space. */
export class LineCursor {
  #at = 0;
  readonly #line: string;
  readonly #isLoose: boolean;

  constructor(line: string, isLoose: boolean) {
    this.#line = line;
    this.#isLoose = isLoose;
  }

  get rest(): string {
    return this.#line.slice(this.#at);
  }

  fail(expected: string): never {
    const rest = this.rest;
    const got = rest === '' ? 'the end of the line' : JSON.stringify(rest.slice(0, 60));
    throw new LineError(`${expected} at column ${this.#at + 1}`, got);
  }

  /** `pattern` is sticky. */
  match(pattern: RegExp, what: string): string {
    pattern.lastIndex = this.#at;
    const text = pattern.exec(this.#line)?.[0];
    if (text === undefined) this.fail(what);
    this.#at += text.length;
    return text;
  }

  take(text: string): void {
    if (!this.tryTake(text)) this.fail(JSON.stringify(text));
  }

  tryTake(text: string): boolean {
    if (!this.#line.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  /** The blanks between two parts. */
  space(): void {
    if (!this.#isLoose) this.take(' ');
    else this.match(SPACE, 'a space');
  }

  /** Blanks that may be here in the text format. Returns whether there were any. */
  blanks(): boolean {
    if (!this.#isLoose) return false;
    SPACE.lastIndex = this.#at;
    const text = SPACE.exec(this.#line)?.[0] ?? '';
    this.#at += text.length;
    return text !== '';
  }

  /** Whether one more part follows. Takes the blanks before it. */
  hasMore(): boolean {
    if (this.#isLoose) return this.blanks() && this.rest !== '';
    return this.tryTake(' ');
  }

  number(what = 'a number'): number {
    const text = this.match(NUMBER, what);
    return toNumber(text);
  }

  /** `{a="b",c="d"}`. Undefined when there are no braces. */
  labels(): Map<string, string> | undefined {
    const start = this.#at;
    const labels = new Map<string, string>();
    this.blanks();
    if (!this.tryTake('{')) {
      this.#at = start;
      return undefined;
    }
    this.blanks();
    while (!this.tryTake('}')) {
      this.#label(labels);
      this.blanks();
      const isLast = !this.tryTake(',');
      this.blanks();
      if (isLast || (!this.#isLoose && this.rest.startsWith('}'))) {
        if (!isLast) this.fail('a label name');
        this.take('}');
        break;
      }
    }
    return labels;
  }

  #label(labels: Map<string, string>): void {
    const start = this.#at;
    const name = this.match(LABEL_NAME, 'a label name');
    if (name.startsWith('__')) throw new LineError('a label name that does not start with __', name);
    if (labels.has(name)) {
      throw new LineError(`each label once at column ${start + 1}`, `${name} again`);
    }
    this.blanks();
    this.take('=');
    this.blanks();
    this.take('"');
    labels.set(name, unescapeText(this.match(LABEL_VALUE, 'a label value')));
    if (this.rest.startsWith('\\')) this.fail('one of the escapes \\\\, \\" and \\n');
    this.take('"');
  }
}

/** The text that escapes stand for. */
export function unescapeText(raw: string): string {
  return raw.replaceAll(/\\(.)/g, (_, character) => (character === 'n' ? '\n' : character));
}

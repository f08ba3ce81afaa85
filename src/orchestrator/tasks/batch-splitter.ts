import { inputInvalid, payloadTooLarge } from '../../shared/errors.ts';
import { decodeUtf8 } from './json-reader.ts';

/*
 * A batch may be 16 MiB, and JSON.parse would hold the event loop for all of it. So its bytes are split into the
 * texts of its tasks as they arrive, a chunk at a time, and each task is parsed by itself. A batch of too many
 * tasks, or with too large a task, is refused at the byte that makes it so.
 */

/** As the body of a single task. */
const MAX_TASK_BYTES = 1024 * 1024;
/** A key other than `tasks` is shown up to here. */
const MAX_KEY_BYTES = 100;

const code = (character: string) => character.charCodeAt(0);
const [QUOTE, BACKSLASH, COMMA, COLON] = [code('"'), code('\\'), code(','), code(':')];
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_LIST, CLOSE_LIST] = [code('{'), code('}'), code('['), code(']')];

/** What the next byte that is no white space must belong to. */
type Expected = 'object' | 'key' | 'colon' | 'list' | 'first task' | 'task' | 'end of object' | 'nothing';

const SHOWN: Readonly<Record<Expected, string>> = {
  object: 'an object with tasks',
  key: 'the field "tasks"',
  colon: 'a colon after "tasks"',
  list: 'a list of tasks',
  'first task': 'a task',
  task: 'a task',
  'end of object': 'the end of the object after its tasks',
  nothing: 'nothing after the object',
};

/** Splits `{"tasks": […]}`. Throws ASDLC_INPUT_INVALID or ASDLC_PAYLOAD_TOO_LARGE. */
export class BatchSplitter {
  readonly #maxTasks: number;
  readonly #onTask: (text: string, index: number) => void;
  #expected: Expected = 'object';
  /** Bytes of the key or task that is being read, from earlier chunks. */
  #pieces: Buffer[] = [];
  #pieceBytes = 0;
  #isReading = false;
  #isInString = false;
  #isEscaped = false;
  #depth = 0;
  #count = 0;

  constructor(maxTasks: number, onTask: (text: string, index: number) => void) {
    this.#maxTasks = maxTasks;
    this.#onTask = onTask;
  }

  write(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#isReading)
        at = this.#expected === 'key' ? this.#readKey(chunk, at) : this.#readTask(chunk, at);
      else at = this.#begin(chunk, at);
    }
  }

  /** To be called after the last byte. */
  end(): void {
    if (this.#expected !== 'nothing') throw unexpected(this.#expected, 'the end of the body');
  }

  /** Reads a byte between two texts. */
  #begin(chunk: Buffer, at: number): number {
    const byte = chunk[at] as number; // at < length
    if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) return at + 1;
    const follows = FOLLOWS[this.#expected]?.[byte];
    if (follows !== undefined) {
      this.#expected = follows;
      return at + 1;
    }
    const isKey = this.#expected === 'key' && byte === QUOTE;
    const isTask = this.#expected === 'first task' || this.#expected === 'task';
    if (this.#expected === 'first task' && byte === CLOSE_LIST) throw this.#wrongCount('an empty one');
    if (!isKey && (!isTask || byte === COMMA || byte === CLOSE_LIST)) {
      throw unexpected(this.#expected, JSON.stringify(String.fromCharCode(byte)));
    }
    if (isTask && this.#count === this.#maxTasks) throw this.#wrongCount('more');
    this.#isReading = true;
    return at;
  }

  #readKey(chunk: Buffer, from: number): number {
    let at = from;
    if (this.#pieceBytes === 0) at += 1; // its opening quote
    for (; at < chunk.length; at += 1) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (chunk[at] === BACKSLASH) this.#isEscaped = true;
      else if (chunk[at] === QUOTE) {
        this.#keep(chunk, from, at + 1, MAX_KEY_BYTES, 'the field "tasks"');
        checkKey(this.#take());
        this.#expected = 'colon';
        return at + 1;
      }
    }
    this.#keep(chunk, from, at, MAX_KEY_BYTES, 'the field "tasks"');
    return at;
  }

  /** Reads up to the comma or bracket that ends the task, and on in the next chunk where there is none. */
  #readTask(chunk: Buffer, from: number): number {
    for (let at = from; at < chunk.length; at += 1) {
      const byte = chunk[at];
      if (this.#isInString) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (byte === BACKSLASH) this.#isEscaped = true;
        else if (byte === QUOTE) this.#isInString = false;
      } else if (byte === QUOTE) this.#isInString = true;
      else if (byte === OPEN_OBJECT || byte === OPEN_LIST) this.#depth += 1;
      else if (this.#depth === 0 && (byte === COMMA || byte === CLOSE_LIST)) {
        this.#keepTask(chunk, from, at);
        this.#onTask(this.#take(), this.#count++);
        this.#expected = byte === COMMA ? 'task' : 'end of object';
        return at + 1;
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) this.#depth -= 1;
      if (this.#depth < 0) throw unexpected('task', JSON.stringify(String.fromCharCode(byte ?? 0)));
    }
    this.#keepTask(chunk, from, chunk.length);
    return chunk.length;
  }

  #keepTask(chunk: Buffer, from: number, to: number): void {
    this.#keep(chunk, from, to, MAX_TASK_BYTES, `body.tasks.${this.#count}`);
  }

  #keep(chunk: Buffer, from: number, to: number, maxBytes: number, place: string): void {
    this.#pieceBytes += to - from;
    if (this.#pieceBytes > maxBytes)
      throw payloadTooLarge(`${place}: expected at most ${maxBytes} bytes; got more`);
    this.#pieces.push(chunk.subarray(from, to));
  }

  /** The text that was read; the next begins. */
  #take(): string {
    const bytes = Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#pieceBytes = 0;
    this.#isReading = false;
    return decodeUtf8(bytes, 'body');
  }

  #wrongCount(got: string) {
    return inputInvalid(`body.tasks: expected a list of 1 to ${this.#maxTasks} tasks; got ${got}`);
  }
}

/** By what is expected: the bytes that are taken as they are, and what is expected after each. */
const FOLLOWS: Readonly<Partial<Record<Expected, Readonly<Record<number, Expected>>>>> = {
  object: { [OPEN_OBJECT as number]: 'key' },
  colon: { [COLON as number]: 'list' },
  list: { [OPEN_LIST as number]: 'first task' },
  'end of object': { [CLOSE_OBJECT as number]: 'nothing' },
};

function checkKey(text: string): void {
  let key: unknown;
  try {
    key = JSON.parse(text);
  } catch {
    throw unexpected('key', text);
  }
  if (key !== 'tasks') {
    throw inputInvalid(`body: unexpected field ${JSON.stringify(key)}; expected only tasks`);
  }
}

function unexpected(expected: Expected, got: string) {
  return inputInvalid(`body: expected ${SHOWN[expected]}; got ${got}`);
}

/** Gets a response: `head`, then each `data`, then `end`. */
export interface ResponseParts {
  /** The names of the headers are in lower case. */
  head(status: number, headers: ReadonlyMap<string, string>): void;
  /** The bytes belong to the listener from then on. */
  data(bytes: Buffer): void;
  end(): void;
}

/** Of a head, of the line before a chunk, and of a line after the last chunk. */
const MAX_TEXT_LENGTH = 16 * 1024;
const MAX_TRAILERS = 100;

const HEAD_END = Buffer.from('\r\n\r\n');
const LINE_END = Buffer.from('\r\n');

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: |$)/;
/** Not as CRLF: others may take it for the end of a line. */
const BARE_LINE_END = /\r(?!\n)|(?<!\r)\n|\0/;
const HEADER_NAME = /^[\w!#$%&'*+\-.^`|~]+$/;
const CONTENT_LENGTH = /^\d{1,15}$/;
/** Servers that wait no longer for the next request than our connections do could lose it. */
const MIN_WAIT_SECONDS = 5;
/** A size, and extensions, which mean nothing here. */
const CHUNK_LINE = /^([\da-f]{1,8})[ \t]*(?:;|$)/i;

type State =
  | 'head'
  | 'sized body'
  | 'chunk line'
  | 'chunk'
  | 'chunk end'
  | 'trailers'
  | 'body until close'
  | 'over';

const BODY_STATES: ReadonlySet<State> = new Set(['sized body', 'chunk', 'body until close']);

/**
 * Reads the responses that come on one connection, HTTP/1.0 and 1.1, one after the other. It is strict: what RFC 9112
 * forbids throws, and so does what could be read in two ways.
 */
export class ResponseParser {
  #listener: ResponseParts | undefined;
  #state: State = 'over';
  /** The beginning of a text whose end has not come yet. */
  #text = '';
  /** Where the part of the piece begins that has not been read yet. */
  #at = 0;
  /** What is missing of the body, or of the chunk. */
  #bytesLeft = 0;
  #trailers = 0;
  #keepsAlive = false;

  /** Whether all of the response has come. */
  get isOver(): boolean {
    return this.#state === 'over';
  }

  /** Whether the connection can take another request after this response. */
  get keepsAlive(): boolean {
    return this.#keepsAlive;
  }

  /** The next response goes to `listener`. */
  begin(listener: ResponseParts): void {
    this.#listener = listener;
    this.#state = 'head';
  }

  /** Nothing more goes to the listener. */
  stop(): void {
    this.#listener = undefined;
    this.#state = 'over';
  }

  /** Takes the next bytes of the connection. The caller may use their memory again afterwards. */
  push(piece: Buffer): void {
    this.#at = 0;
    while (this.#at < piece.length && this.#listener !== undefined) this.#step(piece);
    if (this.#at < piece.length && this.#state === 'over') this.#keepsAlive = false; // nobody asked for the rest
  }

  /** The connection ended. Returns whether that ends the response; otherwise it is not whole. */
  endOfConnection(): boolean {
    if (this.#state !== 'body until close') return false;
    this.#end();
    return true;
  }

  #step(piece: Buffer): void {
    if (BODY_STATES.has(this.#state)) {
      this.#readBytes(piece);
      return;
    }
    const text = this.#readText(piece, this.#state === 'head' ? HEAD_END : LINE_END);
    if (text === undefined) return;
    if (this.#state === 'head') this.#readHead(text);
    else if (this.#state === 'chunk line') this.#beginChunk(text);
    else if (this.#state === 'chunk end') this.#endChunk(text);
    else this.#readTrailer(text);
  }

  /** Returns the text before a delimiter; undefined until both have come. */
  #readText(piece: Buffer, delimiter: Buffer): string | undefined {
    const text = this.#cutText(piece, delimiter);
    if (text !== undefined && BARE_LINE_END.test(text)) throw new Error('expected lines that end with CRLF');
    return text;
  }

  #cutText(piece: Buffer, delimiter: Buffer): string | undefined {
    const earlier = this.#text.length;
    const end = earlier === 0 ? piece.indexOf(delimiter, this.#at) : -1;
    if (end !== -1 && end - this.#at <= MAX_TEXT_LENGTH) {
      const whole = piece.toString('latin1', this.#at, end);
      this.#at = end + delimiter.length;
      return whole;
    }
    const text = this.#text + piece.toString('latin1', this.#at, this.#at + MAX_TEXT_LENGTH + 1 - earlier);
    const length = text.indexOf(delimiter.toString('latin1'));
    if (length !== -1) {
      this.#at += length + delimiter.length - earlier;
      this.#text = '';
      return text.slice(0, length);
    }
    if (text.length > MAX_TEXT_LENGTH)
      throw new Error(`expected at most ${MAX_TEXT_LENGTH} bytes of headers`);
    this.#text = text;
    this.#at = piece.length;
    return undefined;
  }

  #readHead(text: string): void {
    const [statusLine = '', ...lines] = text.split('\r\n');
    const [, minor, digits] = STATUS_LINE.exec(statusLine) ?? [];
    if (digits === undefined) throw new Error('expected a status line of HTTP/1.1');
    const status = Number(digits);
    const headers = readHeaders(lines);
    if (status < 200) {
      if (status === 101) throw new Error('expected no other protocol');
      return; // another head follows
    }
    this.#keepsAlive = minor === '1' && keepsConnection(headers);
    const next = this.#bodyAfter(status, headers);
    this.#listener?.head(status, headers);
    if (this.#listener === undefined) return; // it was stopped
    this.#state = next;
    if (next === 'over') this.#end();
  }

  #bodyAfter(status: number, headers: ReadonlyMap<string, string>): State {
    const [length, coding] = [headers.get('content-length'), headers.get('transfer-encoding')];
    if (coding !== undefined && length !== undefined) throw new Error('expected one length of the body');
    if (coding !== undefined && coding.toLowerCase() !== 'chunked')
      throw new Error('expected no coding but chunked');
    if (length !== undefined && !CONTENT_LENGTH.test(length)) throw new Error('expected a length in bytes');
    if (status === 204 || status === 304) return 'over';
    if (coding !== undefined) return 'chunk line';
    if (length === undefined) {
      this.#keepsAlive = false;
      this.#bytesLeft = Number.POSITIVE_INFINITY;
      return 'body until close';
    }
    this.#bytesLeft = Number(length);
    return this.#bytesLeft === 0 ? 'over' : 'sized body';
  }

  #beginChunk(line: string): void {
    const [, size] = CHUNK_LINE.exec(line) ?? [];
    if (size === undefined) throw new Error('expected the size of a chunk');
    this.#bytesLeft = Number.parseInt(size, 16);
    this.#state = this.#bytesLeft === 0 ? 'trailers' : 'chunk';
    this.#trailers = 0;
  }

  #endChunk(line: string): void {
    if (line !== '') throw new Error('expected the end of a chunk');
    this.#state = 'chunk line';
  }

  #readTrailer(line: string): void {
    if (line === '') this.#end();
    else if (++this.#trailers > MAX_TRAILERS) throw new Error('too many trailers');
  }

  /** Passes on what has come of a body or of a chunk. */
  #readBytes(piece: Buffer): void {
    const end = Math.min(this.#at + this.#bytesLeft, piece.length);
    const bytes = Buffer.from(piece.subarray(this.#at, end)); // a copy
    this.#at = end;
    this.#bytesLeft -= bytes.length;
    this.#listener?.data(bytes);
    if (this.#bytesLeft > 0) return;
    if (this.#state === 'chunk') this.#state = 'chunk end';
    else this.#end();
  }

  #end(): void {
    const listener = this.#listener;
    this.stop();
    listener?.end();
  }
}

function keepsConnection(headers: ReadonlyMap<string, string>): boolean {
  const options = (headers.get('connection') ?? '').toLowerCase().split(',').map(trimmed);
  const [, seconds = MIN_WAIT_SECONDS] = /\btimeout=(\d+)/i.exec(headers.get('keep-alive') ?? '') ?? [];
  return !options.includes('close') && Number(seconds) >= MIN_WAIT_SECONDS;
}

function readHeaders(lines: readonly string[]): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    if (colon === -1 || !HEADER_NAME.test(name)) throw new Error('expected headers with a name and a value');
    const value = trimmed(line.slice(colon + 1));
    const earlier = headers.get(name);
    headers.set(name, earlier === undefined ? value : `${earlier}, ${value}`);
  }
  return headers;
}

/** Without the spaces and tabs around it. A regular expression would take long for many of them. */
function trimmed(text: string): string {
  const isSpace = (at: number) => text[at] === ' ' || text[at] === '\t';
  let [start, end] = [0, text.length];
  while (isSpace(start)) start++;
  while (end > start && isSpace(end - 1)) end--;
  return text.slice(start, end);
}

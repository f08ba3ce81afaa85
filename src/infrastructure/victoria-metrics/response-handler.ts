import { QueryError } from '../../shared/errors.ts';
import type { ResponseListener } from './http/connection.ts';
import { JsonScan, MAX_PARSED_BYTES } from './json-scan.ts';
import {
  bodyTooLarge,
  brokenOff,
  MAX_BODY_BYTES,
  notAResult,
  refusedBy,
  tooMuchToParse,
} from './query-errors.ts';

const MAX_ERROR_BODY_BYTES = 16 * 1024;
/** VictoriaMetrics sends a range vector as `application/stream+json`, which is the same JSON. */
const JSON_TYPE = /^application\/(stream\+)?json\b/;
/** An error with the status 200 has a text of the TSDB, as one with another status. */
const ERROR_START = /^\{\s*"status"\s*:\s*"error"/;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
const GZIP_MAGIC = 0x1f;

/** A TSDB sends kilobytes at once. A body in crumbs costs far more time and memory than its bytes. */
const MAX_SMALL_PIECES = 2_000;
const MIN_MEAN_PIECE_BYTES = 64;

/** Gets a response piece by piece: `begin`, then each `chunk`, then `end`. `fail` replaces all that has not come yet. */
export interface ResponseReader {
  begin(gzip: boolean): void;
  /** The chunk belongs to the reader from then on. */
  chunk(chunk: Buffer): void;
  end(): void;
  /** The reader must abort the request: more of the response may follow. */
  fail(error: Error): void;
}

export interface ResponseHandlerOptions {
  readonly takesGzip: boolean;
  /** Whether the reader parses the body: it gets no more than can be parsed in short time. */
  readonly isParsed: boolean;
}

/**
 * Handles the response to one request to the TSDB. It passes on JSON of a limited size. All else becomes a
 * QueryError without the TSDB's text, which may hold addresses. A body that is not whole fails too, at its end at the
 * latest.
 */
export class ResponseHandler implements ResponseListener {
  readonly #reader: ResponseReader;
  readonly #options: ResponseHandlerOptions;
  #state: 'waiting' | 'passing' | 'refused' | 'ended' = 'waiting';
  #size = 0;
  #pieces = 0;
  #isGzip = false;
  #lastByte = 0;
  /** Of a body whose parts must be known before it ends. */
  #scan: JsonScan | undefined;
  #refusedWith = 0;
  #refusedText = '';

  constructor(reader: ResponseReader, options: ResponseHandlerOptions) {
    this.#reader = reader;
    this.#options = options;
  }

  head(status: number, headers: ReadonlyMap<string, string>): void {
    const isJson = JSON_TYPE.test(headers.get('content-type') ?? '');
    const encoding = headers.get('content-encoding') ?? 'identity';
    this.#isGzip = encoding === 'gzip';
    // Without either of them the body ends with its connection, also when the TSDB broke it off.
    const hasEnd = headers.has('content-length') || headers.has('transfer-encoding');
    const isReadable = encoding === 'identity' || (this.#isGzip && this.#options.takesGzip && hasEnd);
    if (status !== 200 || !isJson || !isReadable) {
      this.#state = 'refused';
      this.#refusedWith = status;
      return;
    }
    if (this.#options.isParsed || !hasEnd) this.#scan = new JsonScan();
    const tooLarge = this.#excess(Number(headers.get('content-length') ?? 0));
    if (tooLarge !== undefined) {
      this.#failWith(tooLarge);
      return;
    }
    this.#state = 'passing';
    this.#reader.begin(this.#isGzip);
  }

  data(chunk: Buffer): void {
    if (this.#state === 'refused') this.#readRefusal(chunk);
    if (this.#state !== 'passing') return;
    const error = this.#check(chunk);
    if (error !== undefined) this.#failWith(error);
    else this.#reader.chunk(chunk);
  }

  end(): void {
    if (this.#state === 'refused') this.#failWith(refusedBy(this.#refusedWith, this.#refusedText));
    else if (this.#state !== 'passing') return;
    else if (this.#size === 0) {
      this.#failWith(
        new QueryError('unavailable', 'Expected a query result from the TSDB; got an empty body.'),
      );
    } else if (!this.#isWhole()) this.#failWith(brokenOff());
    else {
      this.#state = 'ended';
      this.#reader.end();
    }
  }

  fail(cause: Error): void {
    if (this.#state === 'ended') return;
    // The status of a refusal says enough, also when its text broke off.
    if (this.#state === 'refused') this.#failWith(refusedBy(this.#refusedWith, this.#refusedText));
    else {
      const isAway = this.#state === 'waiting';
      this.#failWith(
        isAway ? new QueryError('unavailable', 'The TSDB cannot be reached.', { cause }) : brokenOff(cause),
      );
    }
  }

  /** Takes note of a chunk of the body. Returns the error that it makes of the response, if it does. */
  #check(chunk: Buffer): QueryError | undefined {
    if (this.#size === 0 && chunk[0] !== (this.#isGzip ? GZIP_MAGIC : OPENING_BRACE)) return notAResult();
    if (this.#size === 0 && ERROR_START.test(chunk.toString('latin1', 0, 64))) return notAResult();
    this.#size += chunk.length;
    const isInCrumbs = ++this.#pieces > MAX_SMALL_PIECES && this.#size < this.#pieces * MIN_MEAN_PIECE_BYTES;
    if (isInCrumbs) return notAResult();
    this.#lastByte = lastVisibleByte(chunk) ?? this.#lastByte;
    this.#scan?.add(chunk);
    return this.#excess(this.#size);
  }

  #excess(sizeBytes: number): QueryError | undefined {
    if (this.#options.isParsed) {
      return sizeBytes > MAX_PARSED_BYTES || this.#scan?.isTooMuch ? tooMuchToParse() : undefined;
    }
    return sizeBytes > MAX_BODY_BYTES ? bodyTooLarge() : undefined;
  }

  /** A result is one JSON object. To look for more than its last byte would cost large results too much time. */
  #isWhole(): boolean {
    return this.#isGzip || (this.#lastByte === CLOSING_BRACE && this.#scan?.isComplete !== false);
  }

  /** The start of a refusal's text is enough to tell a timeout from an overload. */
  #readRefusal(chunk: Buffer): void {
    this.#refusedText += chunk.toString('latin1');
    if (this.#refusedText.length < MAX_ERROR_BODY_BYTES) return;
    this.#failWith(refusedBy(this.#refusedWith, this.#refusedText));
  }

  #failWith(error: QueryError): void {
    this.#state = 'ended';
    this.#reader.fail(error);
  }
}

/** Returns the last byte that is no white space. */
function lastVisibleByte(chunk: Buffer): number | undefined {
  for (let i = chunk.length - 1; i >= 0; i--) {
    const byte = chunk[i];
    if (byte !== undefined && byte > 0x20) return byte;
  }
  return undefined;
}

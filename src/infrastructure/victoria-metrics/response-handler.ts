import type { Dispatcher } from 'undici';
import { QueryError } from '../../shared/errors.ts';
import { bodyTooLarge, MAX_BODY_BYTES, notAResult, refusedBy } from './query-errors.ts';

const MAX_ERROR_BODY_BYTES = 16 * 1024;
/** VictoriaMetrics sends a range vector as `application/stream+json`, which is the same JSON. */
const JSON_TYPE = /^application\/(stream\+)?json\b/;
const OPENING_BRACE = 0x7b;
const GZIP_MAGIC = 0x1f;

/** Gets a response piece by piece: `begin`, then each `chunk`, then `end`. `fail` replaces all that has not come yet. */
export interface ResponseReader {
  begin(gzip: boolean): void;
  /** The chunk belongs to the reader from then on. */
  chunk(chunk: Buffer): void;
  end(): void;
  fail(error: Error): void;
}

/** With this a reader slows down or ends what it reads. */
export interface ResponseFlow {
  pause(): void;
  resume(): void;
  /** Ends the request. The handler calls the reader no more. */
  abort(reason: Error): void;
}

/**
 * Handles the response to one request to the TSDB, for undici. It passes on JSON of a limited size. All else becomes a
 * QueryError without the TSDB's text, which may hold addresses.
 */
export class ResponseHandler implements Dispatcher.DispatchHandler, ResponseFlow {
  readonly #reader: ResponseReader;
  readonly #takesGzip: boolean;
  #controller: Dispatcher.DispatchController | undefined;
  #state: 'waiting' | 'passing' | 'refused' | 'ended' = 'waiting';
  #size = 0;
  #firstByte = OPENING_BRACE;
  #refusedWith = 0;
  #refusedText = '';

  constructor(reader: ResponseReader, takesGzip: boolean) {
    this.#reader = reader;
    this.#takesGzip = takesGzip;
  }

  pause(): void {
    this.#controller?.pause();
  }

  resume(): void {
    this.#controller?.resume();
  }

  abort(reason: Error): void {
    this.#state = 'ended';
    this.#controller?.abort(reason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#state === 'ended') controller.abort(new Error('aborted before it was sent'));
  }

  onResponseStart(
    _: Dispatcher.DispatchController,
    statusCode: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (statusCode < 200 || this.#state === 'ended') return;
    const isJson = JSON_TYPE.test(String(headers['content-type'] ?? ''));
    const encoding = headers['content-encoding'] ?? 'identity';
    const isReadable = encoding === 'identity' || (encoding === 'gzip' && this.#takesGzip);
    if (statusCode !== 200 || !isJson || !isReadable) {
      this.#state = 'refused';
      this.#refusedWith = statusCode;
    } else if (Number(headers['content-length'] ?? 0) > MAX_BODY_BYTES) {
      this.#cutOff(bodyTooLarge());
    } else {
      this.#state = 'passing';
      if (encoding === 'gzip') this.#firstByte = GZIP_MAGIC;
      this.#reader.begin(encoding === 'gzip');
    }
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#state === 'refused') this.#readRefusal(chunk);
    if (this.#state !== 'passing') return;
    if (this.#size === 0 && chunk[0] !== this.#firstByte) {
      this.#cutOff(notAResult());
      return;
    }
    this.#size += chunk.length;
    if (this.#size > MAX_BODY_BYTES) this.#cutOff(bodyTooLarge());
    else this.#reader.chunk(chunk);
  }

  onResponseEnd(): void {
    if (this.#state === 'refused') this.#fail(refusedBy(this.#refusedWith, this.#refusedText));
    else if (this.#state === 'passing' && this.#size === 0) {
      this.#fail(new QueryError('unavailable', 'Expected a query result from the TSDB; got an empty body.'));
    } else if (this.#state === 'passing') {
      this.#state = 'ended';
      this.#reader.end();
    }
  }

  onResponseError(_: Dispatcher.DispatchController, cause: Error): void {
    if (this.#state === 'ended') return;
    // The status of a refusal says enough, also when its text broke off.
    if (this.#state === 'refused') this.#fail(refusedBy(this.#refusedWith, this.#refusedText));
    else {
      const message =
        this.#state === 'waiting' ? 'The TSDB cannot be reached.' : 'The TSDB broke off its response.';
      this.#fail(new QueryError('unavailable', message, { cause }));
    }
  }

  /** The start of a refusal's text is enough to tell a timeout from an overload. */
  #readRefusal(chunk: Buffer): void {
    this.#refusedText += chunk.toString('latin1');
    if (this.#refusedText.length < MAX_ERROR_BODY_BYTES) return;
    this.#cutOff(refusedBy(this.#refusedWith, this.#refusedText));
  }

  #cutOff(error: QueryError): void {
    this.abort(error);
    this.#reader.fail(error);
  }

  #fail(error: QueryError): void {
    this.#state = 'ended';
    this.#reader.fail(error);
  }
}

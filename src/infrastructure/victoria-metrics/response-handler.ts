import type { Dispatcher } from 'undici';
import { QueryError } from '../../shared/errors.ts';

/** Largest body that is passed on, as it comes from the TSDB (compressed or not). */
export const MAX_BODY_BYTES = 64 * 1024 * 1024;

const MAX_ERROR_BODY_BYTES = 16 * 1024;
/** VictoriaMetrics answers a range vector as `application/stream+json`, which is the same JSON. */
const JSON_TYPE = /^application\/(stream\+)?json\b/;
const OPENING_BRACE = 0x7b;
const GZIP_MAGIC = 0x1f;

/** Takes an answer as it comes: `begin`, any number of `chunk`, `end`; or `fail` instead of what is left. */
export interface Reader {
  begin(gzip: boolean): void;
  /** Once it is given it is the reader's. */
  chunk(chunk: Buffer): void;
  end(): void;
  fail(error: Error): void;
}

/** The reader's hold on what it reads. */
export interface Flow {
  pause(): void;
  resume(): void;
  /** Ends the exchange; the reader hears no more of it. */
  abort(reason: Error): void;
}

/**
 * One request to the TSDB, as undici's handler. It takes JSON only, of a size, and turns whatever else comes into a
 * QueryError without the upstream's text, which may hold addresses.
 */
export class Exchange implements Dispatcher.DispatchHandler, Flow {
  readonly #reader: Reader;
  readonly #takesGzip: boolean;
  #controller: Dispatcher.DispatchController | undefined;
  #state: 'waiting' | 'passing' | 'refused' | 'ended' = 'waiting';
  #size = 0;
  #firstByte = OPENING_BRACE;
  #refusedWith = 0;
  #refusedText = '';

  constructor(reader: Reader, takesGzip: boolean) {
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
      this.#cutOff(tooLarge());
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
      this.#cutOff(new QueryError('unavailable', 'The TSDB gave an answer that is not a query result.'));
      return;
    }
    this.#size += chunk.length;
    if (this.#size > MAX_BODY_BYTES) this.#cutOff(tooLarge());
    else this.#reader.chunk(chunk);
  }

  onResponseEnd(): void {
    if (this.#state === 'refused') this.#fail(refusal(this.#refusedWith, this.#refusedText));
    else if (this.#state === 'passing' && this.#size === 0) {
      this.#fail(new QueryError('unavailable', 'The TSDB gave an empty answer.'));
    } else if (this.#state === 'passing') {
      this.#state = 'ended';
      this.#reader.end();
    }
  }

  onResponseError(_: Dispatcher.DispatchController, cause: Error): void {
    if (this.#state === 'ended') return;
    // The status of a refusal says enough, whether its text came whole or not.
    if (this.#state === 'refused') this.#fail(refusal(this.#refusedWith, this.#refusedText));
    else {
      const message =
        this.#state === 'waiting' ? 'The TSDB cannot be reached.' : 'The TSDB broke off its answer.';
      this.#fail(new QueryError('unavailable', message, { cause }));
    }
  }

  /** The start of a refusal's text is looked at, and never passed on. */
  #readRefusal(chunk: Buffer): void {
    this.#refusedText += chunk.toString('latin1');
    if (this.#refusedText.length < MAX_ERROR_BODY_BYTES) return;
    this.#cutOff(refusal(this.#refusedWith, this.#refusedText));
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

/**
 * VictoriaMetrics says 422 for a bad query, for one that fails and for one that takes too long, and 503 in an
 * overload (newer ones 400 and 429); Prometheus says 503 for one that takes too long.
 */
function refusal(statusCode: number, text: string): QueryError {
  const late = /"errorType":"timeout"|timeout exceeded|context deadline exceeded|search\.maxQueryDuration/;
  if ((statusCode === 422 || statusCode === 503) && late.test(text)) {
    return new QueryError('timeout', 'The TSDB gave up the query at its own time limit.');
  }
  if (statusCode === 400) return new QueryError('bad_data', 'The TSDB refused the query as malformed.');
  if (statusCode === 422) return new QueryError('execution', 'The TSDB could not execute the query.');
  if (statusCode === 429 || statusCode === 503)
    return new QueryError('unavailable', 'The TSDB is overloaded.');
  return new QueryError(
    'unavailable',
    `The TSDB gave an answer that is not a query result (status ${statusCode}).`,
  );
}

function tooLarge(): QueryError {
  return new QueryError(
    'execution',
    `The result is over ${MAX_BODY_BYTES} bytes; ask for fewer series or points.`,
  );
}

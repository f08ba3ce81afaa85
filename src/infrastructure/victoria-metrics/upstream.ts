import { basicAuthorization } from '../../shared/basic-authorization.ts';
import { QueryError } from '../../shared/errors.ts';
import { ConnectionPool, type ResponseFlow } from './http/connection-pool.ts';
import { ResponseHandler, type ResponseReader } from './response-handler.ts';

export interface UpstreamOptions {
  /** VictoriaMetrics, a vmselect's `/select/<tenant>/prometheus`, or Prometheus. */
  readonly url: string;
  readonly connections: number;
  /** Called with an error when the TSDB stops answering queries, and without one when it answers again. */
  readonly onChange?: ((isAnswering: boolean, error?: Error) => void) | undefined;
}

export interface UpstreamRequest {
  /** As `/api/v1/query`. */
  readonly path: string;
  readonly parameters: URLSearchParams;
  /** GET where Prometheus takes nothing else. POST keeps long queries out of URLs. */
  readonly method: 'GET' | 'POST';
  /** Whether the body may come compressed. */
  readonly gzip: boolean;
  /** Whether the body will be parsed. */
  readonly isParsed: boolean;
}

/** The TSDB's HTTP side, and whether it answers. Follows no redirect. */
export class Upstream {
  readonly #basePath: string;
  readonly #headers: string;
  readonly #pool: ConnectionPool;
  readonly #onChange: UpstreamOptions['onChange'];
  #isAnswering = true;

  /** User and password in the URL are sent as basic authentication. */
  constructor({ url, connections, onChange }: UpstreamOptions) {
    const parsed = new URL(url);
    const { authorization } = basicAuthorization(parsed);
    this.#basePath = parsed.pathname.replace(/\/+$/, '');
    this.#headers = `host: ${parsed.host}\r\naccept: application/json\r\n${authorization ? `authorization: ${authorization}\r\n` : ''}`;
    this.#pool = new ConnectionPool(parsed, connections);
    this.#onChange = onChange;
  }

  /** Sends a request. Its response goes to `reader`. The caller says how long it may take. */
  ask({ path, parameters, method, gzip, isParsed }: UpstreamRequest, reader: ResponseReader): ResponseFlow {
    const handler = new ResponseHandler(reader, { takesGzip: gzip, isParsed });
    const form = parameters.toString();
    const isPost = method === 'POST';
    const target = `${this.#basePath}${path}${isPost || form === '' ? '' : `?${form}`}`;
    const encoding = `accept-encoding: ${gzip ? 'gzip' : 'identity'}\r\n`;
    const type = `content-type: application/x-www-form-urlencoded\r\ncontent-length: ${form.length}\r\n`;
    const head = `${method} ${target} HTTP/1.1\r\n${this.#headers}${encoding}${isPost ? type : ''}\r\n`;
    return this.#pool.send(isPost ? head + form : head, handler);
  }

  /** Rejects unless the TSDB responds, with whatever status. */
  async reach(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const flow = this.#pool.send(`GET /health HTTP/1.1\r\n${this.#headers}\r\n`, {
      head: () => resolve(),
      data: () => undefined,
      end: () => undefined,
      fail: reject,
    });
    const abort = () => {
      flow.abort();
      reject(signal.reason);
    };
    signal.addEventListener('abort', abort);
    await promise;
  }

  /** Notes how a query ended. A refusal, a timeout or a caller that left says nothing about the TSDB's state. */
  noteOutcome(error: Error | undefined): void {
    const isAway = error instanceof QueryError && error.errorType === 'unavailable';
    if (isAway !== this.#isAnswering || (error !== undefined && !isAway)) return;
    this.#isAnswering = !isAway;
    this.#onChange?.(!isAway, error);
  }

  close(): void {
    this.#pool.close();
  }
}

import { Agent, request } from 'undici';
import { QueryError } from '../../shared/errors.ts';
import { type ResponseFlow, ResponseHandler, type ResponseReader } from './response-handler.ts';

const CONNECT_TIMEOUT_MS = 3_000;

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
  readonly #url: URL;
  readonly #basePath: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #agent: Agent;
  readonly #onChange: UpstreamOptions['onChange'];
  #isAnswering = true;

  /** User and password in the URL are sent as basic authentication. */
  constructor({ url, connections, onChange }: UpstreamOptions) {
    this.#url = new URL(url);
    this.#basePath = this.#url.pathname.replace(/\/+$/, '');
    this.#headers = { accept: 'application/json', ...authorization(this.#url) };
    this.#onChange = onChange;
    // The caller says how long a response may take. undici's own limits of 300 s would end longer ones.
    this.#agent = new Agent({
      connections,
      connect: { timeout: CONNECT_TIMEOUT_MS },
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  /** Sends a request. Its response goes to `reader`. */
  ask({ path, parameters, method, gzip, isParsed }: UpstreamRequest, reader: ResponseReader): ResponseFlow {
    const handler = new ResponseHandler(reader, { takesGzip: gzip, isParsed });
    const form = parameters.toString();
    const isPost = method === 'POST';
    const headers: Record<string, string> = {
      ...this.#headers,
      'accept-encoding': gzip ? 'gzip' : 'identity',
    };
    if (isPost) headers['content-type'] = 'application/x-www-form-urlencoded';
    this.#agent.dispatch(
      {
        origin: this.#url.origin,
        path: `${this.#basePath}${path}${isPost || form === '' ? '' : `?${form}`}`,
        method,
        headers,
        body: isPost ? form : null,
      },
      handler,
    );
    return handler;
  }

  /** Rejects unless the TSDB responds, with whatever status. */
  async reach(signal: AbortSignal): Promise<void> {
    const url = new URL('/health', this.#url.origin);
    const { body } = await request(url, { dispatcher: this.#agent, headers: this.#headers, signal });
    await body.dump();
  }

  /** Notes how a query ended. A refusal, a timeout or a caller that left says nothing about the TSDB's state. */
  noteOutcome(error: Error | undefined): void {
    const isAway = error instanceof QueryError && error.errorType === 'unavailable';
    if (isAway !== this.#isAnswering || (error !== undefined && !isAway)) return;
    this.#isAnswering = !isAway;
    this.#onChange?.(!isAway, error);
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

function authorization({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
}

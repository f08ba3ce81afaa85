import { Agent, request } from 'undici';
import { Exchange, type Flow, type Reader } from './response-handler.ts';

const CONNECT_TIMEOUT_MS = 3_000;

export interface UpstreamRequest {
  /** As `/api/v1/query`. */
  readonly path: string;
  readonly parameters: URLSearchParams;
  /** GET where Prometheus takes nothing else; POST keeps long queries out of URLs. */
  readonly method: 'GET' | 'POST';
  /** Whether the body may come compressed. */
  readonly gzip: boolean;
}

/** The TSDB's HTTP side. Follows no redirect. */
export class Upstream {
  readonly #url: URL;
  readonly #basePath: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #agent: Agent;

  /** User and password in the URL are sent as basic authentication. */
  constructor(url: string, connections: number) {
    this.#url = new URL(url);
    this.#basePath = this.#url.pathname.replace(/\/+$/, '');
    this.#headers = { accept: 'application/json', ...authorization(this.#url) };
    // How long an answer may take is for the caller to say, not for undici's own limits of 300 s.
    this.#agent = new Agent({
      connections,
      connect: { timeout: CONNECT_TIMEOUT_MS },
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  /** Sends a request, whose answer goes to `reader`. */
  ask({ path, parameters, method, gzip }: UpstreamRequest, reader: Reader): Flow {
    const exchange = new Exchange(reader, gzip);
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
      exchange,
    );
    return exchange;
  }

  /** Whether it answers at all, whatever it says. */
  async reach(signal: AbortSignal): Promise<void> {
    const url = new URL('/health', this.#url.origin);
    const { body } = await request(url, { dispatcher: this.#agent, headers: this.#headers, signal });
    await body.dump();
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

import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ABORTED_STATUS, followLike } from '../../infrastructure/metrics/http/http-metrics.ts';
import { cacheKeyOf, type VictoriaMetricsClient } from '../../infrastructure/victoria-metrics/client.ts';
import type { TsdbQuery } from '../../infrastructure/victoria-metrics/query-runner.ts';
import { RecentMap } from '../../shared/recent-map.ts';
import type { AccessControl } from '../../shared/service/access/access-control.ts';
import type { Caller } from '../../shared/service/access/tokens.ts';
import type { HttpServer } from '../../shared/service/http-server.ts';
import { sendQueryError } from './error-responses.ts';
import type { QueryMetrics } from './query-metrics.ts';
import { sendResult } from './send-result.ts';

/** More requests than these are forgotten, the oldest first. */
const MAX_REMEMBERED = 1_000;
/** Of URL and headers together. */
const MAX_KEY_LENGTH = 4_096;

/** What else an answer may depend on. A request with one of these goes the usual way. */
const FURTHER_HEADERS = [
  'content-length',
  'origin',
  'transfer-encoding',
  'x-forwarded-for',
  'x-forwarded-host',
];

interface Remembered {
  /** What the router made of the request. */
  readonly query: TsdbQuery;
  readonly cacheKey: string;
  readonly caller: Caller;
  /** Those of each answer, whatever is in it. */
  readonly headers: OutgoingHttpHeaders;
  /** Counts another response as one of the same route. */
  readonly follow: (response: ServerResponse) => void;
}

export interface RepeatedRequestsOptions {
  readonly tsdb: Pick<VictoriaMetricsClient, 'kept' | 'joinRunning'>;
  readonly access: Pick<AccessControl, 'mayRepeat'>;
  readonly metrics: Pick<QueryMetrics, 'requestEnded'>;
  readonly isStopping: () => boolean;
}

/**
 * Answers a GET again before it is routed, from the result cache or with the result that another client waits for: the
 * router, its hooks and the check of the query take several times as long as the answer. It answers only what differs in
 * nothing from a request that they let pass: the same URL, host, encodings and token. All else goes the usual way.
 */
export class RepeatedRequests {
  readonly #options: RepeatedRequestsOptions;
  readonly #remembered = new RecentMap<string, Remembered>(MAX_REMEMBERED);

  constructor(options: RepeatedRequestsOptions) {
    this.#options = options;
  }

  /** From now on the server asks here first. */
  answerFirst({ server }: HttpServer): void {
    const listeners = server.listeners('request');
    server.removeAllListeners('request');
    server.on('request', (request, response) => {
      if (this.#answer(request, response)) return;
      for (const listener of listeners) listener.call(server, request, response);
    });
  }

  /** Notes a request that may be asked. The headers that every answer has must be set. */
  remember(request: FastifyRequest, reply: FastifyReply, query: TsdbQuery): void {
    const { raw, caller } = request;
    const follow = followLike(reply.raw);
    if (caller === undefined || follow === undefined || !isPlain(raw)) return;
    const key = keyOf(raw);
    if (key.length > MAX_KEY_LENGTH) return;
    const headers = reply.getHeaders() as OutgoingHttpHeaders;
    this.#remembered.set(key, { query, cacheKey: cacheKeyOf(query), caller, headers, follow });
  }

  /** Returns whether it did, or will. */
  #answer(request: IncomingMessage, response: ServerResponse): boolean {
    const { access, tsdb, isStopping } = this.#options;
    if (!isPlain(request) || isStopping()) return false;
    const known = this.#remembered.get(keyOf(request));
    if (known === undefined) return false;
    if (!access.mayRepeat(known.caller, request.socket.remoteAddress ?? '')) return false;
    const { headers, query, cacheKey } = known;
    const kept = tsdb.kept(cacheKey);
    if (kept !== undefined) {
      this.#follow(known, response);
      sendResult(response, headers, kept);
      return true;
    }
    const joined = tsdb.joinRunning(cacheKey, query);
    if (joined === undefined) return false;
    this.#follow(known, response);
    response.once('close', () => response.writableFinished || joined.leave());
    const own = () => (isStopping() ? { ...headers, connection: 'close' } : headers);
    joined.response.then(
      (result) => sendResult(response, own(), { ...result, keptForMs: 0 }),
      (error) => response.destroyed || sendQueryError(response, own(), error),
    );
    return true;
  }

  /** Counts the response. Of the requests that wait for one slow query, only the first one is logged. */
  #follow({ query, follow }: Remembered, response: ServerResponse): void {
    follow(response);
    response.once('close', () => {
      const status = response.writableFinished ? response.statusCode : ABORTED_STATUS;
      this.#options.metrics.requestEnded(query.endpoint, status);
    });
  }
}

function isPlain({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && FURTHER_HEADERS.every((name) => headers[name] === undefined);
}

/** A Map finds a key by its hash: the time says nothing about how much of a token is right. */
function keyOf({ url, headers }: IncomingMessage): string {
  return `${headers.host} ${headers['accept-encoding']} ${headers.authorization} ${url}`;
}

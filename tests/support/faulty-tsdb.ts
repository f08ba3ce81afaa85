import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { before } from 'node:test';
import { startOrchestrator, startRedis } from './processes.ts';
import { type Scope, suiteScope } from './scope.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

/** A TSDB with the faults that a real one cannot be made to show, and an orchestrator in front of it. */
export interface FaultyTsdb {
  /** The URL of the orchestrator. */
  readonly url: string;
  /** Answers queries. Each test sets it. */
  answer: RequestListener;
  /** How many queries arrived, and how many of their connections closed before the response ended. */
  arrived: number;
  aborted: number;
  /** Ends the orchestrator with SIGTERM. Returns its exit code. */
  stop(): Promise<number | null>;
}

/** Starts both for the suite in whose body it is called. */
export function faultyTsdb(env: NodeJS.ProcessEnv = {}): FaultyTsdb {
  const scope = suiteScope();
  const faulty: FaultyTsdb = {
    url: '',
    answer: () => undefined,
    arrived: 0,
    aborted: 0,
    stop: async () => null,
  };
  before(async () => {
    const { url: REDIS_URL } = await startRedis(scope);
    const VICTORIAMETRICS_URL = await startFaultyServer(scope, faulty);
    const tsdb = { REDIS_URL, VICTORIAMETRICS_URL, QUERY_CACHE_SECONDS: '0' };
    const { url, stop } = await startOrchestrator(scope, { ...tsdb, ...env });
    Object.assign(faulty, { url, stop });
  });
  return faulty;
}

/** Starts a TSDB that answers queries as `faulty.answer` says. Returns its URL. */
export async function startFaultyServer(
  scope: Scope,
  faulty: Pick<FaultyTsdb, 'answer' | 'arrived' | 'aborted'>,
): Promise<string> {
  const server = createServer((request, response) => {
    // What the orchestrator asks by itself: whether the TSDB is there, and which version it is.
    if (request.url === '/health' || request.url === '/metrics' || request.url?.endsWith('/buildinfo')) {
      response.end('OK');
      return;
    }
    faulty.arrived++;
    response.once('close', () => response.writableFinished || faulty.aborted++);
    faulty.answer(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  scope.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as { port: number }; // a TCP server has one
  return `http://127.0.0.1:${port}`;
}

/** Responds like a TSDB, with a whole JSON body. */
export function sendJson(response: ServerResponse, body = '{"status":"success","data":[]}'): void {
  response.writeHead(200, JSON_TYPE).end(body);
}

/** Returns the head of a JSON response, for bodies that Node would not send. */
export function responseHead(...headers: string[]): string {
  return ['HTTP/1.1 200 OK', 'content-type: application/json', ...headers, '', ''].join('\r\n');
}

/** Returns the path of a range query with these `parameters` in place of the defaults. */
export function rangePath(parameters: Record<string, string> = {}): string {
  const usual = { query: 'up', start: '0', end: '60', step: '15' };
  return `/api/metrics/query_range?${new URLSearchParams({ ...usual, ...parameters })}`;
}

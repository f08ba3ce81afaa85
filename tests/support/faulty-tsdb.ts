import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { before } from 'node:test';
import { startOrchestrator, startRedis } from './processes.ts';
import { suiteScope } from './scope.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

/** A TSDB for the faults that a real one cannot be made to show, with an orchestrator in front of it. */
export interface FaultyTsdb {
  /** Of the orchestrator. */
  readonly url: string;
  /** How it answers queries from now on; the count starts anew. */
  answer: RequestListener;
  /** Queries that came, and those whose connection was closed before their answer ended. */
  arrived: number;
  aborted: number;
}

/** Starts both for the suite in whose body it is called; `answer` is to be set by each test. */
export function faultyTsdb(env: NodeJS.ProcessEnv = {}): FaultyTsdb {
  const scope = suiteScope();
  const faulty = { url: '', answer: (() => undefined) as RequestListener, arrived: 0, aborted: 0 };
  before(async () => {
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
    const redis = await startRedis(scope);
    const tsdb = {
      REDIS_URL: redis.url,
      VICTORIAMETRICS_URL: `http://127.0.0.1:${port}`,
      QUERY_CACHE_SECONDS: '0',
    };
    faulty.url = (await startOrchestrator(scope, { ...tsdb, ...env })).url;
  });
  return faulty;
}

/** Answers like a TSDB: a JSON body, whole. */
export function sendJson(response: ServerResponse, body = '{"status":"success","data":[]}'): void {
  response.writeHead(200, JSON_TYPE).end(body);
}

/** The path of a range query, changed by `parameters`. */
export function rangePath(parameters: Record<string, string> = {}): string {
  const usual = { query: 'up', start: '0', end: '60', step: '15' };
  return `/api/metrics/query_range?${new URLSearchParams({ ...usual, ...parameters })}`;
}

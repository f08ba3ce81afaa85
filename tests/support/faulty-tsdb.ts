import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { before } from 'node:test';
import { startOrchestrator, startRedis } from './processes.ts';
import { suiteScope } from './scope.ts';

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
}

/** Starts both for the suite in whose body it is called. */
export function faultyTsdb(env: NodeJS.ProcessEnv = {}): FaultyTsdb {
  const scope = suiteScope();
  const faulty = { url: '', answer: (() => undefined) as RequestListener, arrived: 0, aborted: 0 };
  before(async () => {
    const server = createServer((request, response) => {
      if (request.url === '/health') {
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

/** Responds like a TSDB, with a whole JSON body. */
export function sendJson(response: ServerResponse, body = '{"status":"success","data":[]}'): void {
  response.writeHead(200, JSON_TYPE).end(body);
}

/** Returns the path of a range query. `parameters` replace the usual ones. */
export function rangePath(parameters: Record<string, string> = {}): string {
  const usual = { query: 'up', start: '0', end: '60', step: '15' };
  return `/api/metrics/query_range?${new URLSearchParams({ ...usual, ...parameters })}`;
}

import { createServer } from 'node:http';
import { Agent, type Dispatcher } from 'undici';

/*
 * `node bench/bare-proxy.ts PORT UPSTREAM CONNECTIONS` forwards each query and returns the response, and does nothing else. The
 * query API costs what it takes more than this proxy. Node costs what this proxy takes more than nginx.
 */

const [port, origin = '', connections] = process.argv.slice(2);
const agent = new Agent({ connections: Number(connections), headersTimeout: 0, bodyTimeout: 0 });

createServer((request, response) => {
  const [path = '', body = ''] = (request.url ?? '').split('?');
  const headers = {
    'accept-encoding': String(request.headers['accept-encoding'] ?? 'identity'),
    'content-type': 'application/x-www-form-urlencoded',
  };
  const chunks: Buffer[] = [];
  let encoding: string | undefined;
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart: () => undefined,
    onResponseStart: (_, __, { 'content-encoding': given }) => {
      if (typeof given === 'string') encoding = given;
    },
    onResponseData: (_, chunk) => void chunks.push(chunk),
    onResponseEnd: () => {
      const answer = Buffer.concat(chunks);
      response
        .writeHead(200, {
          'content-type': 'application/json',
          'content-length': answer.length,
          ...(encoding !== undefined && { 'content-encoding': encoding }),
        })
        .end(answer);
    },
    onResponseError: (_, error) => void response.destroy(error),
  };
  agent.dispatch({ origin, path, method: 'POST', headers, body }, handler);
}).listen(Number(port), '127.0.0.1');

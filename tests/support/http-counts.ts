import { once } from 'node:events';
import { request as httpRequest, type Server } from 'node:http';
import type { MetricsRegistry } from '../../src/infrastructure/metrics/registry.ts';
import type { Scope } from './scope.ts';
import { until } from './until.ts';

/** Listens on a free port of the loopback address until the test ends. Returns the base URL. */
export async function listenOn(t: Scope, server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`; // a TCP server has one
}

/** The counts of requests, as `GET /users/:id 200 2`, sorted, once none is in progress. */
export async function requestCounts(registry: MetricsRegistry): Promise<string[]> {
  let text = '';
  await until('none is in progress', async () => {
    text = await registry.metrics();
    return /^http_requests_in_progress(?:\{.*\})? 0$/m.test(text);
  });
  return [...text.matchAll(/^http_requests_total\{(.*)\} (\d+)$/gm)]
    .map(([, labels = '', count]) => {
      const labelOf = (name: string) => new RegExp(`(?:^|,)${name}="(.*?)"`).exec(labels)?.[1];
      return `${labelOf('method')} ${labelOf('endpoint')} ${labelOf('status')} ${count}`;
    })
    .sort();
}

/** Sends a request and leaves when it is in progress. */
export async function leave(url: string, registry: MetricsRegistry): Promise<void> {
  const request = httpRequest(url)
    .on('error', () => undefined)
    .end();
  await until('the request is in progress', async () =>
    /^http_requests_in_progress(?:\{.*\})? 1$/m.test(await registry.metrics()),
  );
  request.destroy();
}

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { describe, it } from 'node:test';
import { VictoriaMetricsClient } from '../../../../src/infrastructure/victoria-metrics/client.ts';
import { Upstream } from '../../../../src/infrastructure/victoria-metrics/upstream.ts';
import { sendJson } from '../../../support/faulty-tsdb.ts';
import { until } from '../../../support/until.ts';

describe('VictoriaMetricsClient', () => {
  it('rejects a query that waits too long for its turn, and runs the next one', async (t) => {
    const responses: ServerResponse[] = [];
    const server = createServer((_, response) => void responses.push(response)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number }; // a TCP server has one
    const upstream = new Upstream({ url: `http://127.0.0.1:${port}`, connections: 2 });
    t.after(async () => {
      await upstream.close();
      server.close();
    });
    const rejected: string[] = [];
    const client = new VictoriaMetricsClient({
      upstream,
      queryTimeoutMs: 30_000,
      concurrency: 1,
      queueWaitMs: 20,
      observer: {
        upstreamStarted: () => undefined,
        upstreamEnded: () => undefined,
        coalesced: () => undefined,
        rejected: (_, reason) => rejected.push(reason),
      },
    });
    const ask = (query: string) =>
      client.ask({ endpoint: 'query', path: '/api/v1/query', parameters: new URLSearchParams({ query }) });
    const running = ask('running');
    await until('the first is at the TSDB', () => responses.length === 1);
    await assert.rejects(ask('waiting'), { errorType: 'unavailable', retryAfterSeconds: 5 });
    assert.deepEqual(rejected, ['queue_timeout']);
    sendJson(responses[0] as ServerResponse); // there is one
    await running;
    const next = ask('next');
    await until('the next is at the TSDB', () => responses.length === 2);
    sendJson(responses[1] as ServerResponse); // there is one
    assert.ok(Array.isArray((await next).body));
  });
});

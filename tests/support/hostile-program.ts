import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import { connect } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import express from 'express';
import Fastify from 'fastify';
import { Hono } from 'hono';
import Koa from 'koa';
import { metricsEndpoint } from '../../src/infrastructure/metrics/http/endpoint.ts';
import { expressMetrics } from '../../src/infrastructure/metrics/http/express.ts';
import { honoMetrics, honoMetricsEndpoint } from '../../src/infrastructure/metrics/http/hono.ts';
import type { HttpMetricsOptions } from '../../src/infrastructure/metrics/http/http-definitions.ts';
import { koaMetrics, koaMetricsEndpoint } from '../../src/infrastructure/metrics/http/koa.ts';
import { prometheusMiddleware } from '../../src/infrastructure/metrics/http/middleware.ts';
import {
  instrumentHttpServer,
  metricsHandler,
  setEndpoint,
} from '../../src/infrastructure/metrics/http/node-http.ts';
import { instrumentHttpClient } from '../../src/infrastructure/metrics/http/undici.ts';
import { Counter } from '../../src/infrastructure/metrics/instruments/counter.ts';
import { Gauge } from '../../src/infrastructure/metrics/instruments/gauge.ts';
import { Histogram } from '../../src/infrastructure/metrics/instruments/histogram.ts';
import { Info } from '../../src/infrastructure/metrics/instruments/info.ts';
import { MetricsRegistry } from '../../src/infrastructure/metrics/registry.ts';
import { hostileFunction, hostileValue } from './hostile-values.ts';
import { Random } from './random.ts';

/*
 * A host that passes hostile values to every public call and sends hostile requests to every handler. It ends with 0
 * when nothing was thrown into it, each request was answered and the bodies are well. Arguments: the seed, the runs.
 */

const [, , seed = '1', runs = '200'] = process.argv;
const random = new Random(Number(seed));
process.on('warning', () => undefined);

function hostileValues(most: number): unknown[] {
  return Array.from({ length: random.below(most + 1) }, () => hostileValue(random));
}

type Callable = Record<string, (...values: unknown[]) => unknown>;

/** Calls every method of an object, its prototypes' too, and the functions that these return. */
async function callAll(target: object, values: readonly unknown[], skipped: readonly string[] = []) {
  const names = new Set<string>();
  for (let at = target; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (typeof value === 'function' && name !== 'constructor') names.add(name);
    }
  }
  for (const name of names) {
    if (skipped.includes(name)) continue;
    const result = await (target as Callable)[name]?.(...values);
    if (typeof result === 'function') result(...values);
  }
}

/** What a constructor, a registration or a setting throws is for its programmer. */
const CONFIGURATION = [
  'registerMetric',
  'addCollector',
  'instrument',
  'setDefaultLabels',
  'setContentType',
  'addErrorListener',
  'createSeries',
];
/** Internals, which the types hide or the exposition uses. */
const INTERNAL = [
  'readSamples',
  'keepExemplar',
  'pathOf',
  'joinLabels',
  'register',
  'hasParts',
  'partsOf',
  'createChild',
  'mergeLabels',
  'collect',
];

async function callInstruments(): Promise<void> {
  const registry = new MetricsRegistry({
    onCollectorError: () => {
      throw new Error('as asked');
    },
  });
  const options = { help: 'H.', registers: [registry], enableExemplars: true, maxSeries: 50 };
  const instruments = [[], ['a', 'b']].flatMap((labelNames, index) => [
    new Counter({ ...options, name: `counter_${index}_total`, labelNames }),
    new Gauge({ ...options, name: `gauge_${index}`, labelNames }),
    new Histogram({ ...options, name: `histogram_${index}`, labelNames, buckets: [1, 2] }),
    new Info({ ...options, name: `info_${index}`, labelNames }),
  ]);
  for (let run = 0; run < Number(runs); run += 1) {
    const values = hostileValues(3);
    for (const instrument of instruments) {
      await callAll(instrument, values, [...CONFIGURATION, ...INTERNAL]);
      if (instrument instanceof Info) continue;
      const child = (instrument as unknown as Callable).labels?.(...values) as object;
      await callAll(child, values, [...CONFIGURATION, ...INTERNAL]);
    }
    await callRegistry();
  }
  const text = await registry.metrics();
  if (!/^counter_0_total /m.test(text)) throw new Error(`expected the counter; got ${text}`);
}

async function callRegistry(): Promise<void> {
  const collect = hostileFunction(random);
  const registry = new MetricsRegistry({ onCollectorError: collect as never });
  new Gauge({ name: 'g', help: 'G.', registers: [registry], collect: collect as never });
  registry.registerMetric({ name: 'foreign', type: 'gauge', get: collect, reset: () => undefined });
  registry.addCollector({ name: 'c', collect: collect as never });
  new Counter({ name: 'rest_total', help: 'R.', registers: [registry] }).inc();
  const text = await registry.metrics();
  if (!/^rest_total 1$/m.test(text)) throw new Error(`expected the rest; got ${text}`);
  await callAll(registry, hostileValues(2), [...CONFIGURATION, ...INTERNAL]);
}

/** What the handler itself throws is the host's own: not what this program looks for. */
function resultOf(hostile: () => unknown): unknown {
  try {
    return hostile();
  } catch {
    return undefined;
  }
}

/** Servers of each kind, each with hostile functions in the options, and with a fixed limit for collectors. */
async function servers(hostile: (...values: unknown[]) => unknown): Promise<Server[]> {
  const registry = () => new MetricsRegistry();
  const options = (): HttpMetricsOptions => ({
    registry: registry(),
    labels: { further: hostile as never },
    traceIdOf: hostile as never,
  });
  const scrapes = metricsHandler({ registry: registry() });
  const plain = createServer((request, response) => {
    setEndpoint(response, resultOf(hostile) as never);
    if (request.url?.startsWith('/begun')) response.writeHead(200).write('a');
    scrapes(request, response);
  });
  instrumentHttpServer(plain, { ...options(), endpointOf: hostile as never });

  const fastify = Fastify();
  await fastify.register(prometheusMiddleware, options());
  await fastify.register(metricsEndpoint, { registry: registry() });
  await fastify.ready();

  const app = express();
  app.use(expressMetrics(options()));
  app.get('/users/:id', () => {
    throw hostile();
  });
  app.use('/metrics', metricsHandler({ registry: registry() }));
  app.use((_error: unknown, _request: unknown, response: express.Response, _next: unknown) => {
    response.status(500).end();
  });

  const koa = new Koa();
  koa.silent = true;
  koa.use(koaMetrics(options())).use(koaMetricsEndpoint({ registry: registry() }));

  const hono = new Hono();
  hono.use(honoMetrics(options()) as never);
  hono.get('/metrics', honoMetricsEndpoint({ registry: registry() }) as never);
  return [
    plain,
    fastify.server,
    createServer(app),
    createServer(koa.callback()),
    createAdaptorServer({ fetch: hono.fetch }) as Server, // of HTTP/1.1
  ];
}

const REQUESTS = [
  'GET //',
  'GET /metrics',
  'HEAD /metrics',
  'POST /metrics',
  'GET /metrics?',
  'GET /metrics?name[]=%',
  'GET /metrics?name[]=a&name[]=b&name[x]=c',
  'GET http://a.example//',
  'GET http://[',
  'GET *',
  'OPTIONS *',
  'GET /%',
  'GET /%ff/%00',
  'GET /begun',
  'GET /users/1',
  'GET //evil.example',
  'PROPFIND /',
  'GET ?',
  'GET \\',
];
const HEADERS = [
  '',
  'X-Prometheus-Scrape-Timeout-Seconds: 0.000001',
  'X-Prometheus-Scrape-Timeout-Seconds: x',
  'Accept: ;;q=,*/*;q=x',
  'Accept-Encoding: gzip;q=,;',
  'traceparent: 00-x',
];

/** Whether a request is answered, with any status. */
async function isAnswered(port: number, line: string, header: string): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  const fields = header === '' ? '' : `${header}\r\n`;
  socket.write(`${line} HTTP/1.1\r\nHost: a\r\n${fields}Connection: close\r\n\r\n`);
  let received = '';
  socket.on('data', (chunk) => (received += chunk));
  const timer = setTimeout(() => socket.destroy(), 5_000);
  await once(socket, 'close');
  clearTimeout(timer);
  return received.startsWith('HTTP/1.1 ');
}

async function sendRequests(): Promise<void> {
  for (let run = 0; run < 6; run += 1) {
    for (const server of await servers(hostileFunction(random))) {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as { port: number }; // a TCP server has one
      for (const [index, line] of REQUESTS.entries()) {
        const header = HEADERS[index % HEADERS.length] ?? '';
        if (!(await isAnswered(port, line, header)))
          throw new Error(`expected an answer to ${line} (${header})`);
      }
      server.closeAllConnections();
      server.close();
    }
  }
}

/** Requests of the program's own client, while a server breaks off and the connection is HTTP/2's. */
async function sendFromClient(): Promise<void> {
  const stop = instrumentHttpClient({ registry: new MetricsRegistry() });
  const server = createHttp2Server((_, response) => response.stream.destroy());
  instrumentHttpServer(server, { registry: new MetricsRegistry() });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number }; // a TCP server has one
  await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined);
  server.close();
  stop();
}

await callInstruments();
await sendRequests();
await sendFromClient();
process.stdout.write('nothing was thrown\n');

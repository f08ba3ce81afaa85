import { Registry } from '@prometheus-io/client';
import Fastify from 'fastify';
import fastifyMetrics from 'fastify-metrics';
import { MetricsRegistry, prometheusMiddleware } from '../src/infrastructure/metrics/index.ts';

/* The server that http.ts loads, with the middleware of one candidate or with none. It sends its port over IPC. */

const app = Fastify();
const [, , candidate] = process.argv;
if (candidate === 'asdlc') {
  await app.register(prometheusMiddleware, { registry: new MetricsRegistry(), service: 'bench' });
} else if (candidate === 'fastify-metrics') {
  const plugin = fastifyMetrics as unknown as typeof fastifyMetrics.default; // a CommonJS default export
  await app.register(plugin, {
    endpoint: null,
    defaultMetrics: { enabled: false },
    promClient: null,
    routeMetrics: { registeredRoutesOnly: true, overrides: { histogram: { registers: [new Registry()] } } },
  });
}
app.get('/users/:id', async ({ params }) => ({ id: (params as { id: string }).id })); // the route has one
await app.listen({ port: 0, host: '127.0.0.1' });
process.send?.((app.server.address() as { port: number }).port); // a TCP server has one

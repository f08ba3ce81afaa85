import { Type } from 'typebox';
import type { HealthProbe } from '../../infrastructure/victoria-metrics/health-probe.ts';
import type { HttpServer } from '../../shared/service/http-server.ts';
import { errors } from './response-schemas.ts';

const HEALTHY = 'Prometheus Server is Healthy.\n';
const READY = 'Prometheus Server is Ready.\n';
const NOT_READY = 'Service Unavailable';

const text = (...examples: string[]) => ({
  content: { 'text/plain': { schema: Type.String({ examples }) } },
});

/** What clients of Prometheus ask beside its API: `promtool check ready --url=…/api/metrics/prom`. */
export async function livenessRoutes(
  app: HttpServer,
  { healthProbe }: { readonly healthProbe: HealthProbe },
): Promise<void> {
  app.get(
    '/-/healthy',
    {
      config: { endpoint: 'healthy' },
      schema: {
        tags: ['metrics'],
        summary: 'Answers 200 while this process runs, as Prometheus does',
        response: { 200: { description: 'it runs', ...text(HEALTHY) }, ...errors() },
      },
    },
    async (_, reply) =>
      reply.header('cache-control', 'no-store').type('text/plain; charset=utf-8').send(HEALTHY),
  );
  app.get(
    '/-/ready',
    {
      config: { endpoint: 'ready' },
      schema: {
        tags: ['metrics'],
        summary: 'Answers 200 while the TSDB answers a query, else 503',
        response: {
          200: { description: 'the TSDB answers', ...text(READY) },
          ...errors(),
          503: { description: 'it does not', ...text(NOT_READY) },
        },
      },
    },
    async (_, reply) => {
      const { status } = await healthProbe.check();
      const isReady = status === 'healthy';
      return reply
        .header('cache-control', 'no-store')
        .type('text/plain; charset=utf-8')
        .code(isReady ? 200 : 503)
        .send(isReady ? READY : NOT_READY);
    },
  );
}

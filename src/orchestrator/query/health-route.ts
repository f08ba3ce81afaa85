import { Type } from 'typebox';
import type { HealthProbe } from '../../infrastructure/victoria-metrics/health-probe.ts';
import { TsdbHealth } from '../../shared/http-contract/health.ts';
import type { HttpServer } from '../../shared/service/http-server.ts';
import { errors } from './response-schemas.ts';

/** A process that stops answers with an error, as on every route. */
const UNHEALTHY = Type.Unsafe({ anyOf: [TsdbHealth, errors()[503]] });

/** `/health`: the state of the TSDB. The orchestrator's own health does not depend on it. */
export async function healthRoute(
  app: HttpServer,
  { healthProbe }: { readonly healthProbe: HealthProbe },
): Promise<void> {
  app.get(
    '/health',
    {
      config: { endpoint: 'health' },
      schema: {
        tags: ['metrics'],
        summary: 'Check the TSDB: healthy if it answers a query, degraded if it can only be reached',
        response: { 200: TsdbHealth, ...errors(), 503: UNHEALTHY },
      },
    },
    async (_, reply) => {
      const health = await healthProbe.check();
      return reply
        .header('cache-control', 'no-store')
        .code(health.status === 'healthy' ? 200 : 503)
        .send(health);
    },
  );
}

import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { HealthReport } from '../http-contract/health.ts';

export interface CheckResult {
  readonly up: boolean;
  readonly latencyMs: number;
  readonly error?: string;
}

/** Returns whether a dependency works now. Never rejects. */
export type HealthCheck = () => Promise<CheckResult>;

export interface HealthOptions {
  readonly service: string;
  readonly version: string;
  /** The service is ready while all of these are up. By name. */
  readonly checks: Readonly<Record<string, HealthCheck>>;
}

/**
 * `/health/live` returns 200 while the process answers; it calls no check. `/health/ready` and `/health` return 200 when
 * every check is up, else 503; the body shows which check is down.
 */
export async function healthRoutes(
  app: FastifyInstance,
  { service, version, checks }: HealthOptions,
): Promise<void> {
  const report = async () => {
    const results = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => [name, await check()] as const),
    );
    const up = results.every(([, result]) => result.up);
    return {
      up,
      body: {
        service,
        version,
        uptime_seconds: Math.round(process.uptime() * 10) / 10,
        checks: Object.fromEntries(results.map(([name, result]) => [name, shown(result)])),
      },
    };
  };
  const schema = (operationId: string, summary: string) => ({
    operationId,
    tags: ['health'],
    summary,
    response: { 200: HealthReport, 503: HealthReport },
  });

  app.get(
    '/health/live',
    {
      schema: {
        operationId: 'getLiveness',
        tags: ['health'],
        summary: 'Whether the process answers',
        response: { 200: Type.Object({ status: Type.Literal('live') }, { title: 'Liveness' }) },
      },
    },
    async () => ({ status: 'live' }),
  );
  app.get(
    '/health/ready',
    { schema: schema('getReadiness', 'Whether the service can do its work') },
    async (_, reply) => {
      const { up, body } = await report();
      return reply.code(up ? 200 : 503).send({ status: up ? 'ready' : 'not_ready', ...body });
    },
  );
  app.get(
    '/health',
    { schema: schema('getHealth', 'State of the service and of its dependencies') },
    async (_, reply) => {
      const { up, body } = await report();
      return reply.code(up ? 200 : 503).send({ status: up ? 'healthy' : 'unhealthy', ...body });
    },
  );
}

function shown({ up, latencyMs, error }: CheckResult) {
  return {
    status: up ? 'up' : 'down',
    latency_ms: Math.round(latencyMs * 100) / 100,
    ...(error && { error }),
  };
}

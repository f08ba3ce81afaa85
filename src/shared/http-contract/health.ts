import { type Static, Type } from 'typebox';

/** Health of a service, and of the TSDB behind the query API. */

export const HealthReport = Type.Object(
  {
    status: Type.String(),
    service: Type.String(),
    version: Type.String(),
    uptime_seconds: Type.Number(),
    checks: Type.Record(
      Type.String(),
      Type.Object(
        {
          status: Type.String({ description: 'up or down' }),
          latency_ms: Type.Number(),
          error: Type.Optional(Type.String()),
        },
        { title: 'HealthCheck' },
      ),
    ),
  },
  { title: 'Health' },
);
export type HealthReport = Static<typeof HealthReport>;

const TsdbCheck = Type.Object(
  {
    ok: Type.Boolean(),
    latency_ms: Type.Number(),
    error: Type.Optional(Type.String()),
  },
  { title: 'TsdbCheck' },
);

export const TsdbHealth = Type.Object(
  {
    status: Type.Enum(['healthy', 'degraded', 'unhealthy']),
    checks: Type.Object({ reachable: TsdbCheck, query: TsdbCheck }),
  },
  {
    title: 'TsdbHealth',
    examples: [
      {
        status: 'degraded',
        checks: {
          reachable: { ok: true, latency_ms: 1.2 },
          query: { ok: false, latency_ms: 5000, error: 'The query was not answered within 5 s.' },
        },
      },
    ],
  },
);
export type TsdbHealth = Static<typeof TsdbHealth>;

import { STATUS_CODES } from 'node:http';
import fastifySwagger from '@fastify/swagger';
import fastifySwaggerUi from '@fastify/swagger-ui';
import type { RouteOptions } from 'fastify';
import type { TSchema } from 'typebox';
import type { PayloadSchemas } from '../shared/queue/payload-schemas.ts';
import type { Access } from '../shared/service/access/access.ts';
import { ErrorBody, type HttpServer } from '../shared/service/http-server.ts';
import { nameSchemas } from './named-schemas.ts';
import { withPayloads } from './payload-components.ts';
import { RESULT_SCHEMAS } from './query/result-schemas.ts';
import { lookUp } from './tasks/look-up.ts';

const DOCS_POLICY = [
  "default-src 'self'",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const PROMETHEUS_PREFIX = '/api/metrics/prom/';

const TAGS = [
  { name: 'tasks', description: 'Submit tasks, look them up, retry and remove them.' },
  { name: 'schedules', description: 'Recurring tasks.' },
  { name: 'queue', description: 'The state of the queue; pause and resume it.' },
  { name: 'access', description: 'What a token may do.' },
  {
    name: 'metrics',
    description:
      "Panels and queries over the metrics that the TSDB holds. Operations whose names begin with prom have Prometheus's paths. /metrics has the metrics of this process.",
  },
  { name: 'health', description: 'Whether the service works; for probes.' },
];

/** Collects the schemas of all routes that are registered later into one OpenAPI document, and shows it at /docs. */
export async function describeApi(app: HttpServer, access: Access, version: string): Promise<void> {
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0', // 3.0 has no `examples` in schemas
      info: { title: 'asdlc orchestrator', version, description: 'Tasks, metrics and health.' },
      servers: [{ url: '/', description: 'the orchestrator that serves this document' }],
      tags: TAGS,
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
    transform: ({ schema, url, route }) => ({
      schema: {
        operationId: operationIdOf(route),
        ...schema,
        ...guardOf(route, access),
        response: responsesOf(route, access),
      },
      url,
    }),
    transformObject: (document) => nameSchemas('openapiObject' in document ? document.openapiObject : {}),
  });
  await app.register(fastifySwaggerUi, {
    routePrefix: '/docs',
    staticCSP: true,
    transformStaticCSP: () => DOCS_POLICY, // the plugin's own lets other hosts in, and turns http into https
    uiHooks: {
      preHandler: async (request, reply) => {
        if (request.routeOptions.url === '/docs/json') return reply.redirect('../openapi.json');
      },
    },
  });
}

export interface ApiDocumentRouteOptions {
  readonly access: Access['api'];
  readonly payloadSchemas: Pick<PayloadSchemas, 'all'>;
}

/** `/openapi.json`. What handlers take is in it for those who may read tasks; the rest is public. */
export async function apiDocumentRoute(
  app: HttpServer,
  { access, payloadSchemas }: ApiDocumentRouteOptions,
): Promise<void> {
  const authorize = access.require('tasks:read');
  app.get('/openapi.json', { schema: { hide: true } }, async (request, reply) => {
    const mayRead = await authorize(request).then(
      () => true,
      () => false,
    );
    if (!access.isOpen) reply.header('cache-control', 'no-store'); // it depends on the token
    const announced = mayRead ? await lookUp(payloadSchemas.all()) : undefined;
    return announced === undefined ? app.swagger() : withPayloads(app.swagger(), announced);
  });
}

/** Of a route of the query API, from its name in the metrics: `getLabels`, `promGetLabels`, `queryRangeByForm`. */
function operationIdOf({ config, method, url }: RouteOptions): string {
  const name = pascal(config?.endpoint ?? url);
  const isVerb = /^(Query|Format|Parse)/.test(name);
  const id = isVerb ? name : `Get${name}`;
  const byForm = method === 'POST' ? 'ByForm' : '';
  return camel(`${url.startsWith(PROMETHEUS_PREFIX) ? 'Prom' : ''}${id}${byForm}`);
}

function pascal(text: string): string {
  return text
    .split(/[^a-zA-Z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}

function camel(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** What a route asks of a token. */
function guardOf({ url, config, schema }: RouteOptions, access: Access) {
  const isApi = url.startsWith('/api/');
  const isGuarded = isApi ? !access.api.isOpen : url === '/metrics' && !access.metrics.isOpen;
  const security = isGuarded ? { security: [{ token: [] }] } : {};
  if (!isApi || url === '/api/access') return security;
  const scope = url.startsWith('/api/metrics/') ? 'metrics:read' : (config?.scope ?? 'tasks:read');
  const description = [schema?.description, `A token needs the scope ${scope}.`].filter(Boolean).join(' ');
  return { ...security, description };
}

/** A route's responses: each with a description, and results of the TSDB with the schema that nothing checks them by. */
function responsesOf({ url, config, schema }: RouteOptions, access: Access) {
  const given = (schema?.response ?? {}) as Readonly<Record<string, TSchema & { description?: string }>>; // as all routes have
  const responses = Object.entries(given).map(([status, each]) => {
    const known = status === '200' ? RESULT_SCHEMAS[config?.endpoint ?? ''] : undefined;
    const description = each.description ?? STATUS_CODES[status];
    return [status, { 'x-response-description': description, ...each, ...known }];
  });
  const refused = url === '/metrics' && !access.metrics.isOpen ? [401, 403, 429] : [];
  return Object.fromEntries([...responses, ...refused.map((status) => [status, REFUSED])]);
}

/** The route has another media type than its errors. */
const REFUSED = {
  description: 'As on routes under /api/',
  content: { 'application/json': { schema: ErrorBody } },
};

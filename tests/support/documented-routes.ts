import { Ajv } from 'ajv';
import { request } from './http.ts';

export interface Route {
  readonly method: string;
  /** With a value for each parameter. */
  readonly path: string;
  /** As the document has it. */
  readonly pattern: string;
  /** Its documented statuses, and those that any request may get before it has a route. */
  readonly statuses: ReadonlySet<number>;
  readonly takesBody: boolean;
  /** What is wrong with a JSON body that came with a status; undefined: nothing. */
  readonly faultOf: (status: number, body: unknown) => string | undefined;
}

/** As the pages and what has no route answer: outside the query API, and within it. */
const ERRORS = {
  anyOf: [
    {
      type: 'object',
      properties: { code: { type: 'string', pattern: '^ASDLC_[A-Z_]+$' }, message: { type: 'string' } },
      required: ['code', 'message'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: { status: { const: 'error' }, errorType: { type: 'string' }, error: { type: 'string' } },
      required: ['status', 'errorType', 'error'],
    },
  ],
};
const isError = new Ajv().compile(ERRORS);
/** Of what has no schema of its own. */
export const anyErrorFault = (status: number, body: unknown) =>
  status < 400 || isError(body) ? undefined : 'expected the body of an error';

/** Its answer never ends. */
const STREAM = '/api/events';

/** No HTTP, or no Host; a foreign Host; too slow; an unknown Expect; too long. */
export const BEFORE_A_ROUTE = [400, 403, 408, 417, 431];

const VALUES: Readonly<Record<string, string>> = {
  '{id}': 'none',
  '{name}/values': 'service/values',
  '{file}': 'swagger-ui.css',
  'panels/{name}': 'panels/request_rate',
  '{name}': 'index.js',
};

/** Those of a file: a part of it, not modified, a condition or a range that does not fit. */
const FILE = [200, 206, 304, 404, 412, 416];

/** Routes that the document leaves out: pages and their files. */
const PAGES: Readonly<Record<string, readonly number[]>> = {
  '/': [200, 503],
  '/tasks': [200, 503],
  '/tasks/{id}': [200, 503],
  '/explore': [200, 503],
  '/assets/{name}': FILE,
  '/favicon.svg': FILE,
  '/runbooks/RedisDown': [200],
  '/runbooks/{name}': [404],
  '/docs': [200, 302],
  '/docs/': [200],
  '/docs/static/{file}': [...FILE, 302],
  '/openapi.json': [200],
  '/nope': [404],
  '/api/nope': [404],
  '/api/metrics/nope': [404],
};

interface Operation {
  readonly responses: Readonly<Record<string, { readonly content?: object; readonly $ref?: string }>>;
  readonly requestBody?: unknown;
}

/** All routes of an orchestrator but the stream of events, as its document and this list have them. */
export async function orchestratorRoutes(url: string): Promise<Route[]> {
  const { body } = await request(`${url}/openapi.json`);
  const ajv = new Ajv({ strict: false, validateFormats: false, schemas: { document: body } });
  const all = Object.entries(body.paths as Record<string, Record<string, Operation>>);
  const paths = all.filter(([pattern]) => pattern !== STREAM);
  const described = paths.flatMap(([pattern, operations]) => {
    const path = withValues(pattern);
    return Object.entries(operations).map(([method, { responses, requestBody }]) => ({
      method: method.toUpperCase(),
      path,
      pattern,
      statuses: new Set([...Object.keys(responses).map(Number), ...BEFORE_A_ROUTE]),
      takesBody: requestBody !== undefined,
      faultOf: bodyChecker(ajv, responses),
    }));
  });
  return [...described, ...routesOf(PAGES)];
}

/** Compares bodies with the schemas of their statuses. A status that the document has no JSON for is an error of any kind. */
function bodyChecker(ajv: Ajv, responses: Operation['responses']): Route['faultOf'] {
  return (status, body) => {
    const content = responses[status]?.content as Record<string, { schema: object }> | undefined; // as in OpenAPI
    const schema = content?.['application/json']?.schema;
    const isBefore = BEFORE_A_ROUTE.includes(status) && isError(body);
    if (schema === undefined || isBefore) return anyErrorFault(status, body);
    const own = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"document#/')) as object;
    return ajv.validate(own, body) ? undefined : ajv.errorsText();
  };
}

function withValues(pattern: string): string {
  return Object.entries(VALUES).reduce((text, [from, to]) => text.replace(from, to), pattern);
}

/** Those of the workers' server. */
export function workersRoutes(): Route[] {
  return routesOf({
    '/metrics': [200, 401, 429],
    '/stats': [200, 401, 429],
    '/health': [200, 503],
    '/health/live': [200],
    '/health/ready': [200, 503],
    '/nope': [404],
  });
}

function routesOf(statuses: Readonly<Record<string, readonly number[]>>): Route[] {
  return Object.entries(statuses).map(([pattern, own]) => ({
    method: 'GET',
    path: withValues(pattern),
    pattern,
    statuses: new Set([...own, ...BEFORE_A_ROUTE]),
    takesBody: false,
    faultOf: anyErrorFault,
  }));
}

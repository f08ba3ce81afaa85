import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { SCOPES } from '../../src/shared/service/access/tokens.ts';
import { request } from '../support/http.ts';
import { startOrchestrator, startRedis } from '../support/processes.ts';
import { suiteScope } from '../support/scope.ts';

interface Answer {
  readonly description: string;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly content?: {
    readonly 'application/json'?: {
      readonly example?: object;
      readonly examples?: Readonly<Record<string, { value: Example }>>;
    };
  };
}

const STABLE_IDS = [
  'submitTask',
  'submitBatch',
  'listTasks',
  'getTask',
  'followTasks',
  'retryTask',
  'runTask',
  'cancelTask',
  'removeTask',
  'changeTasks',
  'listErrors',
  'listEventTypes',
  'getQueue',
  'pauseQueue',
  'resumeQueue',
  'getAccess',
  'getLiveness',
  'getReadiness',
  'getHealth',
  'getMetrics',
  'getTsdbHealth',
  'getServices',
  'getPanels',
  'getPanel',
  'query',
  'queryByForm',
  'queryRange',
  'getSeries',
  'getLabels',
  'getLabelValues',
  'getMetadata',
  'queryExemplars',
  'promQuery',
  'promQueryRangeByForm',
  'promGetBuildinfo',
  'promFormatQuery',
];

interface Example {
  readonly code: string;
  readonly message: string;
}

interface Operation {
  readonly operationId?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly summary?: string;
  readonly parameters?: readonly { name: string; example?: unknown; examples?: unknown; schema: object }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> };
  readonly responses: Readonly<Record<string, Answer>>;
}

describe('the OpenAPI document', () => {
  const scope = suiteScope();
  let document: {
    paths: Record<string, Record<string, Operation>>;
    servers: { url: string }[];
    tags: { name: string; description: string }[];
    components: { schemas: Record<string, object> };
  };

  before(async () => {
    const redis = await startRedis(scope);
    const { url } = await startOrchestrator(scope, { REDIS_URL: redis.url });
    document = (await request(`${url}/openapi.json`)).body;
  });
  const operations = () =>
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        name: `${method} ${path}`,
        method,
        path,
        operation,
      })),
    );
  const queries = () => operations().filter(({ path }) => path.startsWith('/api/metrics/'));

  it('is valid', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(document));
    assert.ok(valid, JSON.stringify(errors));
  });

  it('has a summary for each operation', () => {
    for (const { name, operation } of operations()) assert.ok(operation.summary, name);
  });

  it('has an example for each parameter of the query API, and a form for each POST', () => {
    for (const { name, method, operation } of queries()) {
      for (const { name: parameter, example, examples, schema } of operation.parameters ?? []) {
        assert.ok(example ?? examples ?? JSON.stringify(schema).includes('example'), `${name} ${parameter}`);
      }
      if (method === 'post') {
        assert.deepEqual(Object.keys(operation.requestBody?.content ?? {}), [
          'application/x-www-form-urlencoded',
        ]);
      }
    }
  });

  it('shows each error of the query API by an example, and Retry-After where it is sent', () => {
    for (const { name, method, operation } of queries()) {
      const { responses } = operation;
      const everywhere = ['400', '401', '403', '408', '417', '429', '431', '500', '503'];
      const expected = method === 'post' ? [...everywhere, '413', '415'] : everywhere;
      for (const status of expected) assert.ok(responses[status], `${name} ${status}`);
      for (const [status, answer] of Object.entries(responses)) {
        if (Number(status) < 400 || /\/(?:health|-\/ready)$/.test(name)) continue;
        const { example = {} } = answer.content?.['application/json'] ?? {};
        const isBeforeRoute = ['408', '417', '431'].includes(status);
        const fields = isBeforeRoute ? ['code', 'message'] : ['status', 'errorType', 'error'];
        assert.deepEqual(Object.keys(example), fields, `${name} ${status}`);
        const isTemporary = status === '429' || status === '503';
        assert.equal(answer.headers?.['retry-after'] !== undefined, isTemporary, `${name} ${status}`);
      }
    }
  });

  it('names each operation, in camelCase and never twice', () => {
    const ids = operations().map(({ name, operation }) => operation.operationId ?? `none: ${name}`);
    for (const id of ids) assert.match(id, /^[a-z]+([A-Z][a-z]+)*$/);
    assert.deepEqual(ids.toSorted(), [...new Set(ids)].toSorted());
  });

  it('keeps the names of operations: clients call methods by them', () => {
    const ids = new Set(operations().map(({ operation }) => operation.operationId));
    for (const id of STABLE_IDS) assert.ok(ids.has(id), id);
  });

  it('has the server that serves it, and describes each tag', () => {
    assert.equal(new URL(document.servers[0]?.url ?? '', 'http://host/openapi.json').href, 'http://host/');
    for (const { description } of document.tags) assert.match(description, /\.$/);
    const used = operations().flatMap(({ operation }) => operation.tags ?? ['none']);
    assert.deepEqual([...new Set(used)].toSorted(), document.tags.map(({ name }) => name).toSorted());
  });

  it('refers to a named schema in each JSON body', () => {
    for (const { name, operation } of operations()) {
      const request = operation.requestBody?.content['application/json'] as { schema: object } | undefined;
      const bodies = [
        request,
        ...Object.values(operation.responses).map((each) => each.content?.['application/json']),
      ];
      for (const body of bodies.filter((each) => each !== undefined)) {
        const text = JSON.stringify(body).replace('{"anyOf":[', ''); // of two that are named
        assert.match(text, /^{"schema":{"\$ref":"#\/components\/schemas\/[A-Z]\w+"}/, name);
      }
    }
  });

  it('says what each response means', () => {
    for (const { name, operation } of operations()) {
      for (const [status, { description }] of Object.entries(operation.responses)) {
        assert.notEqual(description, 'Default Response', `${name} ${status}`);
      }
    }
  });

  it('shows each error outside the query API by examples under its code', () => {
    const others = operations().filter(
      ({ path }) => path.startsWith('/api/') && !path.startsWith('/api/metrics/'),
    );
    for (const { name, operation } of others) {
      for (const [status, answer] of Object.entries(operation.responses)) {
        if (Number(status) < 400) continue;
        const examples = Object.entries(answer.content?.['application/json']?.examples ?? {});
        assert.ok(examples.length > 0, `${name} ${status}`);
        for (const [code, { value }] of examples) {
          assert.match(code, /^ASDLC_[A-Z_]+$/);
          assert.equal(value.code, code);
          assert.ok(value.message.length > 0, code);
        }
        const isTemporary = status === '429' || status === '503';
        assert.equal(answer.headers?.['retry-after'] !== undefined, isTemporary, `${name} ${status}`);
      }
    }
  });

  it('says which scope each operation needs', () => {
    for (const { name, path, operation } of operations()) {
      if (!path.startsWith('/api/') || path === '/api/access') continue;
      const [, scope] = /A token needs the scope (\S+)\.$/.exec(operation.description ?? '') ?? [];
      assert.ok(
        SCOPES.some((each) => each === scope),
        name,
      );
    }
    const of = (path: string, method: string) => document.paths[path]?.[method]?.description;
    assert.equal(of('/api/queue/pause', 'post'), 'A token needs the scope queue:admin.');
    assert.equal(of('/api/tasks/{id}', 'delete'), 'A token needs the scope tasks:write.');
    assert.equal(of('/api/metrics/query', 'get'), 'A token needs the scope metrics:read.');
  });

  it('has the headers that responses carry', () => {
    const headersOf = (path: string, method: string, status: string) =>
      Object.keys(document.paths[path]?.[method]?.responses[status]?.headers ?? {});
    assert.deepEqual(headersOf('/api/tasks', 'post', '202'), [
      'location',
      'preference-applied',
      'asdlc-warning',
    ]);
    assert.deepEqual(headersOf('/api/metrics/panels', 'get', '200'), ['etag']);
    assert.deepEqual(headersOf('/api/metrics/panels/{name}', 'get', '304'), ['etag']);
  });
});

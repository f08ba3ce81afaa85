import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { request } from '../support/http.ts';
import { startOrchestrator, startRedis } from '../support/processes.ts';
import { suiteScope } from '../support/scope.ts';

interface Answer {
  readonly description: string;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly content?: { readonly 'application/json'?: { readonly example?: object } };
}

interface Operation {
  readonly summary?: string;
  readonly parameters?: readonly { name: string; example?: unknown; examples?: unknown; schema: object }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> };
  readonly responses: Readonly<Record<string, Answer>>;
}

describe('the OpenAPI document', () => {
  const scope = suiteScope();
  let document: { paths: Record<string, Record<string, Operation>> };

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
});

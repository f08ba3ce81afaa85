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

  it('says of each operation what it is for', () => {
    for (const { name, operation } of operations()) assert.ok(operation.summary, name);
  });

  it('has an example for each parameter of the query API, and forms as bodies', () => {
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

  it('shows the errors of the query API, each by one of its own, and when to ask again', () => {
    for (const { name, method, operation } of queries()) {
      const { responses } = operation;
      const expected = method === 'post' ? ['401', '413', '415', '429', '500'] : ['401', '429', '500'];
      for (const status of expected) assert.ok(responses[status], `${name} ${status}`);
      for (const [status, answer] of Object.entries(responses)) {
        if (Number(status) < 400 || /\/(?:health|-\/ready)$/.test(name)) continue;
        const { example = {} } = answer.content?.['application/json'] ?? {};
        assert.deepEqual(Object.keys(example), ['status', 'errorType', 'error'], `${name} ${status}`);
        const isTemporary = status === '429' || status === '503';
        assert.equal(answer.headers?.['retry-after'] !== undefined, isTemporary, `${name} ${status}`);
      }
    }
  });
});

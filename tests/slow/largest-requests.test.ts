import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Redis } from 'ioredis';
import { type HardRequest, type Sent, type Service, sendBeside, watchLoop } from '../support/beside.ts';
import { orchestratorRoutes, type Route } from '../support/documented-routes.ts';
import { startHealthyClient } from '../support/healthy-client.ts';
import { request } from '../support/http.ts';
import { ALL_SHAPES, chunked, KIB, MIB, PAYLOAD_SHAPES } from '../support/large-bodies.ts';
import {
  type RunningServer,
  startOrchestrator,
  startRedis,
  startVictoriaMetrics,
} from '../support/processes.ts';
import { adminOf } from '../support/redis-servers.ts';
import { suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const TASK = '{"event_type":"echo","payload":';
const LARGEST_BATCH = 16 * MIB;

/** LARGEST=all sends batches of all shapes, which takes a minute longer. These are the hardest. */
const HARD = [
  'numbers with exponents',
  'zeros',
  'empty objects',
  'many names of objects',
  'one string of escaped quotes',
  'not valid: deep objects',
  'not valid: an inexact number at the end',
  'not valid: white space',
];
const shapesOfBatches = (shapes: typeof ALL_SHAPES, hard: readonly string[] = HARD) =>
  Object.entries(shapes).filter(([name]) => process.env.LARGEST === 'all' || hard.includes(name));

/** Tasks whose bodies are as large as one may be, with a payload of each shape. */
const largeTask = (shape: (bytes: number) => string, bytes = MIB) =>
  `${TASK}${shape(bytes - TASK.length - 1)}}`;

const emptyObjects = (bytes: number) => PAYLOAD_SHAPES['empty objects']?.(bytes) ?? '';

const rejected = async ({ url }: RunningServer): Promise<number> => {
  const { body } = await request(`${url}/metrics`);
  const samples = String(body).matchAll(/^asdlc_events_enqueued_total\{.*result="rejected"\} (\d+)$/gm);
  return Array.from(samples, ([, value]) => Number(value)).reduce((sum, value) => sum + value, 0);
};

describe('the largest requests to the orchestrator', () => {
  const scope = suiteScope();
  let service: Service;
  let routes: Route[];
  let admin: Redis;

  before(async () => {
    const [redis, tsdb, watch] = await Promise.all([
      startRedis(scope),
      startVictoriaMetrics(scope),
      watchLoop(),
    ]);
    admin = adminOf(scope, redis.url);
    const env = { REDIS_URL: redis.url, VICTORIAMETRICS_URL: tsdb.url, ...watch.env };
    const server = await startOrchestrator(scope, env);
    service = { server, watch, healthy: await startHealthyClient(scope, server.url) };
    routes = await orchestratorRoutes(server.url);
  });

  const statusesOf = (method: string, pattern: string) => {
    const route = routes.find((each) => each.method === method && each.pattern === pattern);
    assert.ok(route, `${method} ${pattern}`);
    return route.statuses;
  };
  const submission = (
    pattern: string,
    name: string,
    text: string,
    more: Partial<HardRequest> = {},
  ): HardRequest => ({
    name: `${pattern} ${name}`,
    method: 'POST',
    path: pattern,
    headers: JSON_TYPE,
    body: Buffer.from(text),
    expected: statusesOf('POST', pattern),
    ...more,
  });
  const countOf = (sent: readonly Sent[], status: number) =>
    sent.filter((each) => each.status === status).length;

  it('that submit one task of any shape are answered at once, and count once when they are refused', async (t) => {
    function* requests() {
      for (const [name, shape] of Object.entries(ALL_SHAPES)) {
        yield submission('/api/tasks', `payload: ${name}`, largeTask(shape));
        yield submission('/api/tasks', `event type: ${name}`, `{"event_type":${shape(MIB - 20)}}`);
        yield submission(
          '/api/tasks',
          `field: ${name}`,
          `{"event_type":"echo",${JSON.stringify(name)}:${shape(MIB - 99)}}`,
        );
        yield submission('/api/tasks', `body: ${name}`, shape(MIB));
        yield submission('/api/tasks', `too long: ${name}`, shape(MIB + 1_000));
      }
      yield submission('/api/tasks', 'no UTF-8', '', { body: Buffer.alloc(MIB, 0xff) });
      yield submission('/api/tasks', 'zero bytes', '', { body: Buffer.alloc(MIB) });
    }
    const before = await rejected(service.server);
    const sent = await sendBeside(t, service, requests());
    assert.equal(countOf(sent, 202), Object.keys(PAYLOAD_SHAPES).length);
    assert.equal(countOf(sent, 503), 0);
    const refused = sent.length - countOf(sent, 202);
    await until('each is counted', async () => (await rejected(service.server)) - before >= refused);
    assert.equal((await rejected(service.server)) - before, refused);
    await admin.flushall();
  });

  it('that submit a task again under its key, look it up or remove it are answered at once', async (t) => {
    const twice = Object.entries(PAYLOAD_SHAPES).flatMap(([name, shape]) => {
      const headers = { ...JSON_TYPE, 'idempotency-key': name };
      const asked = submission('/api/tasks', `with a key: ${name}`, largeTask(shape), { headers });
      return [asked, { ...asked, name: `again: ${name}` }];
    });
    const sent = await sendBeside(t, service, twice);
    assert.equal(countOf(sent, 202), twice.length);
    const [base = '', ...more] = await admin.keys('{asdlc}:tasks:key-*');
    const ids = [base, ...more].map((key) => key.slice(key.lastIndexOf(':') + 1));
    assert.equal(ids.length, Object.keys(PAYLOAD_SHAPES).length);
    const onTask = (method: string, id: string): HardRequest => {
      const expected = statusesOf(method, '/api/tasks/{id}');
      return { name: `${method} ${id}`, method, path: `/api/tasks/${id}`, expected };
    };
    const seen = await sendBeside(t, service, [
      ...ids.map((id) => onTask('GET', id)),
      ...ids.map((id) => onTask('DELETE', id)),
    ]);
    assert.deepEqual([countOf(seen, 200), countOf(seen, 204)], [ids.length, ids.length]);
    await admin.flushall();
  });

  it('that submit a batch which is refused are answered at once, and count once', async (t) => {
    const batch = (name: string, tasks: string, more: Partial<HardRequest> = {}) =>
      submission('/api/tasks/batch', name, `{"tasks":${tasks}}`, more);
    function* requests() {
      for (const [name, shape] of shapesOfBatches(ALL_SHAPES)) {
        const text = shape(LARGEST_BATCH - 20);
        yield batch(`tasks: ${name}`, text);
        yield submission('/api/tasks/batch', `body: ${name}`, text);
        const body = Buffer.from(`{"tasks":[${text}${' '.repeat(MIB)}`);
        const headers = { ...JSON_TYPE, 'transfer-encoding': 'chunked' };
        yield batch(`too long, in chunks: ${name}`, '', { headers, body, parts: () => chunked(body) });
        // All are valid but the last: what was parsed until then is thrown away.
        yield batch(`payloads and a wrong task: ${name}`, `[${`${largeTask(shape)},`.repeat(3)}0]`);
      }
      yield batch('15 payloads and a wrong task', `[${`${largeTask(emptyObjects)},`.repeat(15)}0]`);
      yield batch('tasks without a payload', `[${'{"event_type":"a"},'.repeat(800_000)}0]`);
      yield batch('too many tasks', `[${'{"event_type":"a"},'.repeat(1_000)}{"event_type":"a"}]`);
      yield batch('unknown fields', `[${`{"event_type":"a","x":${emptyObjects(MIB - 99)}},`.repeat(14)}0]`);
      yield submission('/api/tasks/batch', 'announced as longer', '', {
        headers: { ...JSON_TYPE, 'content-length': `${2 ** 40}` },
        parts: () => [Buffer.alloc(MIB)],
      });
    }
    const before = await rejected(service.server);
    const sent = await sendBeside(t, service, requests());
    assert.equal(countOf(sent, 202) + countOf(sent, 503), 0);
    await until('each is counted', async () => (await rejected(service.server)) - before >= sent.length);
    assert.equal((await rejected(service.server)) - before, sent.length);
    await admin.flushall();
  });

  it('that submit a batch which is accepted are answered at once, also when it comes again', async (t) => {
    const sizes = { '15 tasks': [15, MIB], '1,000 tasks': [1_000, 16 * KIB] } as const;
    async function* requests() {
      for (const [name, shape] of shapesOfBatches(PAYLOAD_SHAPES, HARD.slice(0, 2)))
        for (const [of, [count, bytes]] of Object.entries(sizes)) {
          const headers = { ...JSON_TYPE, 'idempotency-key': `${of} ${name}` };
          const batch = (prefix: string, space: string) => {
            const tasks = Array(count).fill(largeTask(shape, bytes - 20).replace(TASK, `${TASK}${space}`));
            return submission('/api/tasks/batch', `${prefix}${of}: ${name}`, `{"tasks":[${tasks}]}`, {
              headers,
            });
          };
          yield batch('', '');
          yield batch('again, ', '');
          yield batch('again, written otherwise, ', ' ');
          await admin.flushall();
        }
    }
    const sent = await sendBeside(t, service, requests());
    assert.equal(countOf(sent, 202), sent.length);
  });

  it('that send a body to any other route are answered at once', async (t) => {
    const body = Buffer.alloc(LARGEST_BATCH, '[');
    const types = [
      'application/json',
      'application/x-www-form-urlencoded',
      'text/plain',
      'multipart/form-data; boundary=a',
      'a/b; '.repeat(1_000),
      '@',
    ];
    function* requests(): Generator<HardRequest> {
      for (const [i, { method, path, statuses: expected }] of routes.entries()) {
        const type = { 'content-type': types[i % types.length] ?? '' };
        yield {
          name: `${method} ${path} ${type['content-type'].slice(0, 40)}`,
          method,
          path,
          headers: type,
          body,
          expected,
        };
        const headers = { ...type, 'transfer-encoding': 'chunked' };
        yield {
          name: `${method} ${path} in chunks`,
          method,
          path,
          headers,
          parts: () => chunked(body),
          expected,
        };
        yield { name: `${method} ${path} without a type`, method, path, body: Buffer.alloc(MIB), expected };
      }
    }
    await sendBeside(t, service, requests());
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { watchLoop } from '../support/beside.ts';
import { faultyTsdb, rangePath, responseHead, sendJson } from '../support/faulty-tsdb.ts';
import { request } from '../support/http.ts';

const MIB = 1024 * 1024;
const watch = await watchLoop();
const json = { 'content-type': 'application/json' };

/** Every route that reads the TSDB's answer, each with its own reader. */
const READING = [
  '/api/metrics/panels/cpu',
  '/api/metrics/panels/event_failures?range=7d',
  '/api/metrics/services',
  '/api/metrics/metadata?service=a',
  '/api/metrics/health',
];

const success = (data: unknown) => JSON.stringify({ status: 'success', data });
const result = (result: unknown, resultType = 'matrix') => success({ resultType, result });
const series = (fields: object) => result([{ metric: {}, ...fields }]);

/** Bodies that no reader may take. */
const ODD: readonly string[] = [
  ...[
    'null',
    'true',
    '0',
    '[]',
    '""',
    '{}',
    '{',
    '[',
    '{"status":',
    'nul',
    '\ufeff{}',
    '{"a":NaN}',
    '{"a":1}{',
  ],
  ...[
    '{"status":"success"}',
    '{"status":"error","data":[]}',
    '{"data":{"result":[]}}',
    '{"status":1,"data":[]}',
  ],
  ...[null, true, 1, 'x', 1e300].map((data) => success(data)),
  ...[null, 1, 'x', {}, [null], [1], ['x'], [[]], [{}], [{ metric: null }], [{ metric: [] }]].map((data) =>
    result(data),
  ),
  ...[{ a: 1 }, { a: null }, { a: {} }, { a: ['x'] }].map((metric) => result([{ metric, values: [] }])),
  ...[
    1,
    'x',
    {},
    [1],
    [[]],
    [null],
    [[1]],
    [[1, 2]],
    [['1', '2']],
    [[1, '2', 3]],
    [[1, null]],
    [[1, '']],
  ].map((values) => series({ values })),
  ...[null, 1, 'x', {}, [], [1], ['1', '1'], [1, 2], [1, {}], [null, '1'], [1, ' ']].map((value) =>
    series({ value }),
  ),
  `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1e999,"1"]]}]}}`,
  result('x', 'scalar'),
  result([1, 'x', 1], 'scalar'),
  result([1, 'x'], 'string'),
];

describe('an answer of the TSDB that the orchestrator reads', () => {
  const tsdb = faultyTsdb({
    VICTORIAMETRICS_QUERY_TIMEOUT: '20',
    VICTORIAMETRICS_HEALTH_TIMEOUT: '20',
    ...watch.env,
  });

  async function outcome(path: string) {
    const { status, body } = await request(`${tsdb.url}${path}`);
    if (path.endsWith('/health')) return [status, body.checks?.query.ok ? 'success' : 'unavailable'];
    return [status, body.errorType ?? body.status];
  }

  it('is unavailable when it has another shape, on every route', async () => {
    for (const body of ODD) {
      tsdb.answer = (_, response) => sendJson(response, body);
      for (const path of READING)
        assert.deepEqual(await outcome(path), [503, 'unavailable'], `${path} ${body}`);
    }
  });

  it('is unavailable when it is an error with the status 200, also where it is passed on', async () => {
    tsdb.answer = (_, response) =>
      sendJson(response, '{"status":"error","errorType":"execution","error":"at 10.0.0.1"}');
    for (const path of ['query?query=up', 'labels', 'label/a/values', 'series?match[]=up', 'metadata']) {
      assert.deepEqual(await outcome(`/api/metrics/${path}`), [503, 'unavailable'], path);
    }
  });

  it('is unavailable when names or metadata are of other types', async () => {
    for (const [names, metadata] of [
      [[1], {}],
      [[null], {}],
      [[['up']], {}],
      [{ up: 1 }, {}],
      [['up'], []],
      [['up'], { up: null }],
      [['up'], { up: {} }],
      [['up'], { up: [1] }],
      [['up'], { up: [[]] }],
    ] as const) {
      tsdb.answer = ({ url = '' }, response) =>
        sendJson(response, success(url.includes('/label/') ? names : metadata));
      const what = JSON.stringify([names, metadata]);
      assert.deepEqual(await outcome('/api/metrics/metadata?service=a'), [503, 'unavailable'], what);
    }
  });

  it('is data where it is odd, but of the shape', async () => {
    const metric = { __proto__x: 'a', constructor: 'b', toString: 'c', '': 'd', 'a\u0000\ud800': '💥' };
    for (const values of [
      [
        [1, 'NaN'],
        [1, '+Inf'],
        [-1e300, 'x'],
        [0, '0'],
        [0, '1'],
      ],
      [],
    ]) {
      const body = result([{ metric, values, more: {} }, { metric, values }, { metric: {} }]);
      tsdb.answer = (_, response) => sendJson(response, body.replace('__proto__x', '__proto__'));
      assert.deepEqual(await outcome('/api/metrics/panels/cpu'), [200, 'success']);
      assert.deepEqual(await outcome('/api/metrics/services'), [200, 'success']);
    }
  });

  it('never makes a 500, whatever the JSON is', async () => {
    const leaf = fc.oneof(
      fc.jsonValue({ maxDepth: 1 }),
      fc.constantFrom('success', 'matrix', 'vector', 'scalar', 'up'),
    );
    const keys = fc.constantFrom(
      'status',
      'data',
      'resultType',
      'result',
      'metric',
      'values',
      'value',
      '__proto__',
    );
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 6 },
        leaf,
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(keys, tie('tree'), { maxKeys: 4 }),
      ),
    }));
    const wrapped = fc.oneof(
      tree,
      tree.map((data) => ({ status: 'success', data })),
    );
    await fc.assert(
      fc.asyncProperty(wrapped, fc.constantFrom(...READING), async (value, path) => {
        tsdb.answer = (_, response) => sendJson(response, JSON.stringify(value) ?? 'null');
        const [status] = await outcome(path);
        assert.ok(status === 200 || status === 503, `${status} ${path} ${JSON.stringify(value)}`);
      }),
      { numRuns: 300, seed: 12 },
    );
  });

  it('is refused when it is compressed, however much it would become', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * MIB));
    tsdb.answer = (_, response) => {
      response.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end(bomb);
    };
    for (const path of READING) assert.deepEqual(await outcome(path), [503, 'unavailable'], path);
  });

  it('is refused when it comes in crumbs', async () => {
    const crumbs = Buffer.from('1\r\n \r\n'.repeat(200_000));
    tsdb.answer = (_, { socket }) => {
      socket?.end(
        Buffer.concat([
          Buffer.from(responseHead('transfer-encoding: chunked')),
          Buffer.from('1\r\n{\r\n'),
          crumbs,
        ]),
      );
    };
    assert.deepEqual(await outcome(rangePath()), [503, 'unavailable']);
    for (const path of READING) assert.deepEqual(await outcome(path), [503, 'unavailable'], path);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MAX_HELD_MS, watchLoop } from '../support/beside.ts';
import { faultyTsdb } from '../support/faulty-tsdb.ts';
import { request } from '../support/http.ts';

const MIB = 1024 * 1024;
const watch = await watchLoop();
const json = { 'content-type': 'application/json' };

describe('a large answer of the TSDB that the orchestrator reads', () => {
  const tsdb = faultyTsdb({
    VICTORIAMETRICS_QUERY_TIMEOUT: '20',
    VICTORIAMETRICS_HEALTH_TIMEOUT: '20',
    ...watch.env,
  });

  async function outcome(path: string) {
    const { status, body } = await request(`${tsdb.url}${path}`);
    return [status, body.errorType ?? body.status];
  }

  it('is refused when it is too large to be parsed, and the loop is not held', async () => {
    const filled = (unit: string, bytes: number, before = '', after = '') =>
      before + unit.repeat(Math.floor(bytes / unit.length)).replace(/,$/, '') + after;
    const list = (unit: string, bytes: number) =>
      filled(unit, bytes, '{"status":"success","data":{"result":[', ']}}');
    const point = '[1767229200,"1.25"],';
    const bodies: Record<string, string> = {
      'nothing but brackets': filled('[', 60 * MIB, '{"data":'),
      'a list in a list': filled('[', 7 * MIB, '{"data":'),
      'an object in an object': filled('{"a":', 7 * MIB),
      'empty lists': list('[],', 7 * MIB),
      'a million series': list('{"metric":{},"values":[]},', 26 * 1_000_000),
      'empty texts': list('"",', 7 * MIB),
      spaces: filled(' ', 9 * MIB, '{'),
      'a point too many': list(point, point.length * 250_001),
      names: `{"status":"success","data":{${Array.from({ length: 70_000 }, (_, i) => `"n${i}":0`)}}}`,
    };
    // What came before, and before the process is warm, does not count.
    await watch.read();
    for (const [name, text] of Object.entries(bodies)) {
      const body = Buffer.from(text);
      for (const framed of [true, false]) {
        tsdb.answer = (_, response) => {
          if (framed) response.writeHead(200, { ...json, 'content-length': body.length });
          else response.writeHead(200, json);
          response.end(body);
        };
        const panels = Array.from({ length: 4 }, (_, i) =>
          outcome(`/api/metrics/panels/cpu?range=${i + 1}h`),
        );
        for (const each of await Promise.all(panels)) assert.deepEqual(each, [422, 'execution'], name);
        assert.deepEqual(await outcome('/api/metrics/services'), [422, 'execution'], name);
      }
    }
    const { heldMs } = await watch.read();
    assert.ok(heldMs < MAX_HELD_MS, `held for ${heldMs} ms`);
  });

  it('may have 200,000 points, and twenty callers at once hold the loop no longer than one', async () => {
    const times = Array.from({ length: 169 }, (_, i) => 1767225600 - (168 - i) * 3600);
    const all = Array.from({ length: 1_180 }, (_, i) => ({
      metric: { instance: `10.0.0.${i}` },
      values: times.map((time, n) => [time, `${i}.${n}`]),
    }));
    const answer = Buffer.from(
      JSON.stringify({ status: 'success', data: { resultType: 'matrix', result: all } }),
    );
    tsdb.answer = (_, response) => void response.writeHead(200, json).end(answer);
    const path = '/api/metrics/panels/cpu?range=7d&end=1767225600&timeout=20s';
    await watch.read();
    const asked = Array.from({ length: 20 }, () => request(`${tsdb.url}${path}`));
    for (const { status, body } of await Promise.all(asked)) {
      assert.deepEqual([status, body.data?.series.length], [200, 1_180], JSON.stringify(body).slice(0, 200));
    }
    const { heldMs } = await watch.read();
    assert.ok(heldMs < MAX_HELD_MS, `held for ${heldMs} ms`);
    const wider = await request(`${tsdb.url}${path.replace('range=7d', 'range=8d')}`);
    const { series, times: fewer } = wider.body.data; // 1,180 series of 193 points would be too many values
    assert.deepEqual([wider.status, series.length, fewer.length], [200, 1_180, 97]);
  });
});

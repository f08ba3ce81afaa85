import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { headOf, watchLoop } from '../support/beside.ts';
import { post } from '../support/http.ts';
import { ALL_SHAPES, MIB, PAYLOAD_SHAPES } from '../support/large-bodies.ts';
import { startOrchestrator, startRedis } from '../support/processes.ts';
import { exchange } from '../support/raw-http.ts';
import { adminOf } from '../support/redis-servers.ts';

const AT_ONCE = 4;

/** The most names, and one that is refused. */
const SHAPES = ['many names of objects', 'not valid: inexact numbers'];

const HEAP_MIB = 128;

describe(`an orchestrator with a heap of ${HEAP_MIB} MiB`, () => {
  it('survives four batches of 15 MiB at once, of any shape, and single tasks of 1 MiB', async (t) => {
    const [redis, watch] = await Promise.all([startRedis(t), watchLoop(`--max-old-space-size=${HEAP_MIB}`)]);
    const admin = adminOf(t, redis.url);
    const { url, port, child, output } = await startOrchestrator(t, { REDIS_URL: redis.url, ...watch.env });
    const counts: Record<string, number> = {};
    let most = 0;
    const sendAtOnce = async (name: string, path: string, text: string, times: number) => {
      const headers = { 'content-type': 'application/json' };
      const body = Buffer.from(text);
      const parts = [headOf({ method: 'POST', path, headers, body }), body];
      const answers = await Promise.all(
        Array.from({ length: times }, () => exchange(port, parts, { method: 'POST', limitMs: 60_000 })),
      );
      for (const answer of answers) {
        const status = typeof answer === 'string' ? answer : answer.status;
        assert.ok(
          [202, 400, 408, 413, 503].includes(Number(status)),
          `${name}: ${status} ${output().slice(-2_000)}`,
        );
        counts[status] = (counts[status] ?? 0) + 1;
      }
      most = Math.max(most, (await watch.read()).residentBytes);
      await admin.flushall();
    };
    for (const name of SHAPES) {
      const task = (bytes: number) => `{"event_type":"echo","payload":${ALL_SHAPES[name]?.(bytes - 40)}}`;
      await sendAtOnce(
        `15 tasks: ${name}`,
        '/api/tasks/batch',
        `{"tasks":[${Array(15).fill(task(MIB))}]}`,
        AT_ONCE,
      );
      await sendAtOnce(`a task: ${name}`, '/api/tasks', task(MIB), 4 * AT_ONCE);
    }
    const small = Array(1_000).fill(
      `{"event_type":"echo","payload":${PAYLOAD_SHAPES['empty objects']?.(15_000)}}`,
    );
    await sendAtOnce('1,000 tasks', '/api/tasks/batch', `{"tasks":[${small}]}`, AT_ONCE);
    t.diagnostic(`${JSON.stringify(counts)}; at most ${Math.round(most / MIB)} MiB resident`);
    assert.equal(child.exitCode, null);
    assert.ok((counts[503] ?? 0) > 0 && (counts[202] ?? 0) > 0, JSON.stringify(counts));
    assert.equal((await post(`${url}/api/tasks`, { event_type: 'echo' })).status, 202);
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { handlers } from '../../../../examples/handlers/demo.ts';
import { type DemoRequest, DemoTraffic } from '../../../../src/local-stack/demo/traffic.ts';

const STEPS = 20_000;

test('sends a few requests a second, with bursts', () => {
  const steps = run().map(({ requests, pauseMs }) => ({ sent: requests.length, pauseMs }));
  const sent = steps.reduce((sum, step) => sum + step.sent, 0);
  const seconds = steps.reduce((sum, step) => sum + step.pauseMs, 0) / 1000;
  assert.ok(sent / seconds > 2 && sent / seconds < 10, `${sent / seconds} requests a second`);
  assert.ok(steps.some((step) => step.sent > 20));
  assert.ok(steps.every((step) => step.pauseMs >= 20 && step.pauseMs <= 1_000));
});

test('submits every demo event type that has a handler, and one invalid event type', () => {
  const types = new Set(
    requests().flatMap(({ body }) => (body as { event_type?: string })?.event_type ?? []),
  );
  const handled = Object.keys(handlers).filter((type) => type.startsWith('demo.'));
  assert.deepEqual([...types].sort(), ['Demo Bad Name', ...handled].sort());
});

test('is calm for minutes, then an incident of a minute lets tasks die or the queue grow, in turn', () => {
  let nowMs = 0;
  const sent = run().flatMap(({ requests, pauseMs }) => {
    nowMs += pauseMs;
    return requests.map(({ body }) => ({ atMs: nowMs, type: (body as { event_type?: string })?.event_type }));
  });
  const broken = sent.filter(({ type }) => type === 'demo.broken').map(({ atMs }) => atMs);
  const starts = broken.filter((atMs, i) => i === 0 || atMs - (broken[i - 1] ?? 0) > 60_000);
  assert.ok((starts[0] ?? 0) > 3 * 60_000, `the first begins after ${starts[0]} ms`);
  assert.ok(starts.length > 3, `${starts.length} incidents of tasks that die`);
  for (const start of starts) {
    const last = broken.findLast((atMs) => atMs < start + 5 * 60_000) ?? 0;
    assert.ok(last - start < 90_000, `it lasts ${last - start} ms`);
    const slow = (fromMs: number) =>
      sent.filter(({ type, atMs }) => type === 'demo.slow' && atMs >= fromMs && atMs < fromMs + 75_000)
        .length;
    const next = start + 75_000 + 8 * 60_000;
    if (next + 75_000 < nowMs)
      assert.ok(slow(next) > 4 * slow(start), `${slow(next)} and ${slow(start)} slow tasks`);
  }
});

test('requests accepted tasks, lists, metrics, and pages that do not exist', () => {
  const traffic = new DemoTraffic(pseudoRandom());
  for (let i = 0; i < 80; i++) traffic.remember(`id-${i}`);
  const paths = new Set(
    run(traffic).flatMap((step) => step.requests.map(({ path }) => path.split('?', 1)[0] ?? '')),
  );
  assert.ok(paths.has('/api/tasks') && paths.has('/api/metrics/query_range'));
  assert.ok([...paths].some((path) => path.startsWith('/no-such-page/')));
  assert.ok(paths.has('/api/tasks/id-79') && !paths.has('/api/tasks/id-5'));
});

function requests(): DemoRequest[] {
  return run().flatMap((step) => step.requests);
}

function run(traffic = new DemoTraffic(pseudoRandom())) {
  return Array.from({ length: STEPS }, () => traffic.next());
}

/** Numbers from 0 to 1, the same at every run (mulberry32). */
function pseudoRandom(): () => number {
  let state = 1;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

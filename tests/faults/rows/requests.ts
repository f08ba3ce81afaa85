import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { request, sample, sumSamples } from '../../support/http.ts';
import { type RunningServer, startOrchestrator, startRedis } from '../../support/processes.ts';
import type { Scope } from '../../support/scope.ts';
import { assertWithin, type FaultRow, milliseconds, seconds, timed } from './fault-row.ts';

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';
const KIB = 1_024;
const MIB = KIB * KIB;

async function startAlone(scope: Scope): Promise<RunningServer> {
  const { url: REDIS_URL } = await startRedis(scope);
  return startOrchestrator(scope, { REDIS_URL });
}

/** The longest hold of the event loop since it was last asked for. */
const longestHoldMs = async (url: string) =>
  ((await sample(url, 'nodejs_eventloop_lag_max_seconds')) ?? 0) * 1_000;

const nested = (depth: number) => `{"event_type":"a","payload":${'['.repeat(depth)}${']'.repeat(depth)}}`;

/** What no route takes: its name, path, body and type. */
const REFUSED: readonly [what: string, path: string, body: () => string, type?: string][] = [
  ['a payload of over 1 MiB', '/api/tasks', () => `{"event_type":"a","payload":"${'x'.repeat(MIB + 1)}"}`],
  ['broken JSON', '/api/tasks', () => '{"event_type":'],
  ['null', '/api/tasks', () => 'null'],
  ['33 levels', '/api/tasks', () => nested(33)],
  ['200,000 levels', '/api/tasks', () => nested(200_000)],
  ['a batch of 16 MiB of brackets', '/api/tasks/batch', () => `{"tasks":[${'['.repeat(16 * MIB - 32)}`],
  ['a batch of 16 MiB of text', '/api/tasks/batch', () => `{"tasks":"${'x'.repeat(16 * MIB - 32)}"}`],
  ['a batch of 16 MiB of commas', '/api/tasks/batch', () => `{"tasks":[${','.repeat(16 * MIB - 32)}]}`],
  ['a form of 500,000 names', '/api/metrics/query', () => 'a&'.repeat(500_000), FORM_TYPE],
];

async function showRefused(scope: Scope): Promise<string> {
  const { url } = await startAlone(scope);
  const rejected = async () =>
    sumSamples((await request(`${url}/metrics`)).body, 'asdlc_events_enqueued_total', { result: 'rejected' });
  const seen: string[] = [];
  let longestMs = 0;
  for (const [what, path, body, type = JSON_TYPE] of REFUSED) {
    const [text, before] = [body(), await rejected()];
    await longestHoldMs(url);
    const { value, tookMs } = await timed(() =>
      request(`${url}${path}`, { method: 'POST', headers: { 'content-type': type }, body: text }),
    );
    const holdMs = await longestHoldMs(url);
    assert.ok(value.status >= 400 && value.status < 500, `${what}: ${value.status}`);
    assertWithin(`the hold of ${what}`, holdMs, 50);
    assert.equal((await rejected()) - before, type === JSON_TYPE ? 1 : 0, what);
    longestMs = Math.max(longestMs, holdMs);
    seen.push(`${what}: ${value.status} in ${milliseconds(tookMs)}`);
  }
  return `${seen.join('; ')}; each counted once; longest hold ${milliseconds(longestMs)}`;
}

async function showScrapes(scope: Scope): Promise<string> {
  const { url } = await startAlone(scope);
  const { value, tookMs } = await timed(() =>
    Promise.all(Array.from({ length: 500 }, () => timed(() => request(`${url}/metrics`)))),
  );
  for (const { value: answer } of value) assert.equal(answer.status, 200);
  const bodies = new Set(value.map(({ value: answer }) => answer.body)).size;
  assert.ok(bodies <= 50, `${bodies} renderings`);
  const longestMs = Math.max(...value.map((scrape) => scrape.tookMs));
  assertWithin('a scrape', longestMs, 5_000);
  return `500 × 200 in ${seconds(tookMs)}, longest ${seconds(longestMs)}; ${bodies} renderings`;
}

/** Sends a piece each 400 ms, as long as the connection is open. */
async function dripped(port: number, begin: string, piece: string) {
  const socket = connect(port, '127.0.0.1');
  const startedAt = performance.now();
  let received = '';
  socket.on('data', (chunk) => (received += chunk));
  socket.on('error', () => undefined); // it may be reset while a piece is on its way
  socket.write(begin);
  const timer = setInterval(() => socket.write(piece), 400);
  await once(socket, 'close');
  clearInterval(timer);
  return { status: received.split(' ')[1] ?? 'no answer', tookMs: performance.now() - startedAt };
}

async function showSlowSenders(scope: Scope): Promise<string> {
  const { port } = await startAlone(scope);
  const head = 'POST /api/tasks HTTP/1.1\r\nHost: localhost\r\ncontent-type: application/json\r\n';
  const [headers, body] = await Promise.all([
    dripped(port, 'GET /metrics HTTP/1.1\r\nHost: localhost\r\n', 'X-A: b\r\n'),
    dripped(port, `${head}content-length: 1000\r\n\r\n`, ' '),
  ]);
  assertWithin('slow headers', headers.tookMs, 5_000);
  assertWithin('a slow body', body.tookMs, 10_000);
  return `headers: ${headers.status}, closed after ${seconds(headers.tookMs)}; body: ${body.status}, closed after ${seconds(body.tookMs)}`;
}

async function showLongUrl(scope: Scope): Promise<string> {
  const { url } = await startAlone(scope);
  const { status } = await request(`${url}/${'a'.repeat(20 * KIB)}`);
  assert.equal(status, 431);
  return `${status}`;
}

export const REQUEST_ROWS: readonly FaultRow[] = [
  {
    fault: 'Bodies that no route takes',
    promise: '4xx at once; the event loop is held for at most 50 ms; each is counted once',
    show: showRefused,
  },
  {
    fault: '500 scrapes at once',
    promise: 'all get 200, and share renderings',
    show: showScrapes,
  },
  {
    fault: 'Clients that send slowly',
    promise: 'closed within 5 s while they send headers, within 10 s while they send a body',
    show: showSlowSenders,
  },
  {
    fault: 'A URL of 20 kB',
    promise: '431',
    show: showLongUrl,
  },
];

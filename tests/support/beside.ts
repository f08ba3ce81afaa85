import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { HealthyClient } from './healthy-client.ts';
import type { LoopReading } from './loop-monitor.ts';
import { freePort, type RunningServer } from './processes.ts';
import { exchange } from './raw-http.ts';

/* Sends a service what is hard to answer, and sees to it that a healthy client beside it notices nothing. */

/**
 * What is refused holds the event loop for at most 50 ms on an idle machine. A valid payload of 100,000 unlike names takes
 * twice as long to parse, and CPU time itself grows beside other tests, which share cores and caches. The faults that
 * this finds took seconds.
 */
export const MAX_HELD_MS = 250;

/**
 * A POST is promised an answer within 2 s even while Redis hangs. A test machine is shared, so half as much again. Before
 * the loop was kept free, the healthy client waited for 10 s and more.
 */
export const MAX_P99_MS = 3_000;

export interface HardRequest {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Its length is announced, unless the headers say `transfer-encoding`. */
  readonly body?: Buffer | undefined;
  /** What is sent after the headers instead of the body. */
  readonly parts?: (() => Iterable<Buffer | string>) | undefined;
  /** The statuses that are documented. */
  readonly expected: ReadonlySet<number>;
}

/** The environment of a service whose event loop is watched, and what reads the watch. */
export async function watchLoop(nodeOptions = '') {
  const port = await freePort();
  const module = new URL('./loop-monitor.ts', import.meta.url).href;
  return {
    env: { NODE_OPTIONS: `--import ${module} ${nodeOptions}`, LOOP_MONITOR_PORT: `${port}` },
    read: async (path = '/') =>
      (await (await fetch(`http://127.0.0.1:${port}${path}`)).json()) as LoopReading, // what the module sends
  };
}

export type Watch = Awaited<ReturnType<typeof watchLoop>>;

export function headOf({
  method,
  path,
  headers = {},
  body,
  parts,
}: Omit<HardRequest, 'name' | 'expected'>): string {
  const own = {
    Host: 'localhost',
    ...(body && !parts && { 'content-length': `${body.length}` }),
    ...headers,
  };
  const lines = Object.entries(own).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

export interface Sent {
  readonly request: HardRequest;
  readonly status: number;
}

export interface Service {
  readonly server: RunningServer;
  readonly watch: Watch;
  readonly healthy: HealthyClient;
}

/**
 * Sends requests one after the other. Fails when one is not answered with a documented status, when the event loop was
 * held, or when the healthy client had to wait. Returns the statuses.
 */
export async function sendBeside(
  t: TestContext,
  { server, watch, healthy }: Service,
  requests: Iterable<HardRequest> | AsyncIterable<HardRequest>,
): Promise<Sent[]> {
  await watch.read();
  await healthy.report();
  const sent: Sent[] = [];
  const faults: string[] = [];
  let longest = { heldMs: 0, name: 'none' };
  for await (const request of requests) {
    const answer = await exchange(
      server.port,
      [headOf(request), ...(request.parts?.() ?? [request.body ?? ''])],
      {
        method: request.method,
        limitMs: 20_000,
      },
    );
    const { heldMs } = await watch.read();
    if (process.env.SHOW_HELD) t.diagnostic(`${heldMs.toFixed(0)} ${request.name}`);
    if (heldMs > longest.heldMs) longest = { heldMs, name: request.name };
    if (heldMs > MAX_HELD_MS) faults.push(`${request.name}: held the event loop for ${heldMs.toFixed(0)} ms`);
    const status = typeof answer === 'string' ? answer : answer.status;
    if (typeof status === 'string' || !request.expected.has(status))
      faults.push(`${request.name}: ${status}`);
    else sent.push({ request, status });
  }
  const report = await healthy.report();
  t.diagnostic(
    `${sent.length} requests; held for ${longest.heldMs.toFixed(0)} ms by ${longest.name}; ` +
      `the healthy client: ${report.count} requests, p99 ${report.p99Ms.toFixed(0)} ms, max ${report.maxMs.toFixed(0)} ms`,
  );
  assert.deepEqual(faults, []);
  const failures = Object.entries(report.failures);
  assert.deepEqual(
    failures.filter(([what]) => !what.endsWith(': 503')),
    [],
  );
  const failed = failures.reduce((sum, [, count]) => sum + count, 0);
  assert.ok(failed <= report.count / 20, `${failed} of ${report.count} were answered 503`);
  assert.ok(report.p99Ms < MAX_P99_MS, `${report.p99Ms} ms`);
  return sent;
}

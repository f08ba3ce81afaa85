import assert from 'node:assert/strict';
import { request, sample, sumSamples } from '../../support/http.ts';
import type { Scope } from '../../support/scope.ts';
import { until } from '../../support/until.ts';
import { judge } from '../history/judgement.ts';
import { type RecordedLoad, startRecordedLoad } from '../history/recorded-load.ts';
import { createSeededRandom } from '../history/seeded-random.ts';
import { type FaultedService, startWholeSystem, type WholeSystem } from '../history/whole-system.ts';
import { assertWithin, median, milliseconds, seconds } from './fault-row.ts';

export interface Outage {
  readonly env?: NodeJS.ProcessEnv;
  readonly redisArgs?: readonly string[];
  /** How long Redis stays broken. */
  readonly holdMs: number;
  readonly breakRedis: (system: WholeSystem, scope: Scope) => Promise<unknown>;
  readonly mendRedis: (system: WholeSystem, scope: Scope) => Promise<unknown>;
  /** What `/health/ready` and the log of both services say meanwhile. */
  readonly reason?: RegExp;
  /** A 503 comes within so long, half of them within `usualMs`. */
  readonly refusedMs: number;
  readonly usualRefusedMs?: number;
  /** The first task begins so long after Redis is whole. */
  readonly resumedMs: number;
}

const RATE = 10;
/** Log lines of one service about an outage, at most. */
const MAX_LOG_LINES = 25;

/**
 * Breaks Redis under load for a time. Then all that was accepted must be there, and counted; meanwhile submissions get 503
 * in time, `/metrics` and `/health/live` answer, and no process ends.
 */
export async function showOutage(scope: Scope, outage: Outage): Promise<string> {
  const system = await startWholeSystem(scope, outage.env, outage.redisArgs);
  const load = startRecordedLoad(scope, system.orchestrator.url, createSeededRandom(1), RATE);
  await until('some tasks have ended', () => system.runs.read('end').length >= RATE);
  const linesBefore = system.services.map(linesOf);
  const brokenAtMs = Date.now();
  await outage.breakRedis(system, scope);
  const watched = await watch(system, outage, brokenAtMs);
  await outage.mendRedis(system, scope);
  const mendedAtMs = Date.now();
  const first = await until(
    'a task begins',
    () => system.runs.read('start').find(({ atMs }) => atMs > mendedAtMs),
    60_000,
  );
  for (const { url } of system.services)
    await until(`${url} is ready`, async () => (await request(`${url}/health/ready`)).status === 200, 30_000);
  const lines = system.services.map((service, i) => linesOf(service) - (linesBefore[i] ?? 0));
  const refusals = refusalsOf(load, brokenAtMs, mendedAtMs);
  await load.stop();
  const { figures, violations } = await judge(system, load);
  assert.deepEqual(violations, []);
  assert.ok(refusals.length > 0, 'no submission was refused');
  assert.ok(Math.max(...lines) <= MAX_LOG_LINES, `${lines} log lines`);
  const resumedMs = first.atMs - mendedAtMs;
  assertWithin('the longest 503', Math.max(...refusals), outage.refusedMs);
  if (outage.usualRefusedMs !== undefined)
    assertWithin('a usual 503', median(refusals), outage.usualRefusedMs);
  assertWithin('the first task', resumedMs, outage.resumedMs);
  return [
    `${refusals.length} × 503, half within ${milliseconds(median(refusals))}, longest ${milliseconds(Math.max(...refusals))}`,
    `not ready after ${seconds(watched.notReadyMs)}`,
    `\`/metrics\` within ${milliseconds(watched.metricsMs)}`,
    `first task ${seconds(resumedMs)} after Redis was back`,
    `${Math.max(...lines)} log lines at most`,
    describeTasks(figures),
  ].join('; ');
}

export function describeTasks({
  accepted,
  completed,
  dead,
  queued,
}: Readonly<Record<string, number>>): string {
  return `${accepted} accepted = ${completed} completed + ${dead} dead + ${queued} queued`;
}

/** How many log lines the service wrote that are about no task and no request. */
const linesOf = ({ life }: FaultedService) =>
  life.server
    .output()
    .split('\n')
    .filter((line) => !line.includes('"task_id"') && !line.includes('"msg":"audit"')).length;

const refusalsOf = ({ answers }: RecordedLoad, fromMs: number, toMs: number) =>
  answers
    .filter(({ status, atMs }) => status === '503' && atMs >= fromMs && atMs <= toMs)
    .map(({ tookMs }) => tookMs);

interface Watched {
  readonly notReadyMs: number;
  readonly metricsMs: number;
}

/** Looks at both services until the time of the outage is over. */
async function watch({ services }: WholeSystem, outage: Outage, brokenAtMs: number): Promise<Watched> {
  const kinds = services.slice(0, 2); // both workers do the same
  await Promise.all(
    kinds.map(({ url }) =>
      until(`${url} is not ready`, async () => {
        const { status, body } = await request(`${url}/health/ready`);
        return status === 503 && (outage.reason?.test(body.checks.redis.error) ?? true);
      }),
    ),
  );
  const notReadyMs = Date.now() - brokenAtMs;
  assertWithin('not ready', notReadyMs, 5_000);
  // The scrapes of this moment may share a rendering that began before.
  for (const { url } of kinds)
    await until(`${url} says so`, async () => (await sample(url, 'asdlc_redis_connection_up')) === 0, 5_000);
  const metricsMs: number[] = [];
  const wrong: string[] = [];
  const look = async (url: string) => {
    const startedAt = performance.now();
    const { status, body } = await request(`${url}/metrics`);
    metricsMs.push(performance.now() - startedAt);
    const isUp = sumSamples(body, 'asdlc_redis_connection_up');
    const live = await request(`${url}/health/live`);
    if (status !== 200 || isUp !== 0 || live.status !== 200)
      wrong.push(`${url}: /metrics ${status}, connection up ${isUp}, live ${live.status}`);
  };
  const isOver = async () => {
    for (const { url } of kinds) await look(url);
    return Date.now() - brokenAtMs >= outage.holdMs;
  };
  await until('the time of the outage is over', isOver, outage.holdMs + 30_000);
  assert.deepEqual(wrong, []);
  assertWithin('/metrics', Math.max(...metricsMs), 1_500);
  if (outage.reason !== undefined)
    for (const { life } of kinds) assert.match(life.server.output(), outage.reason);
  return { notReadyMs, metricsMs: Math.max(...metricsMs) };
}

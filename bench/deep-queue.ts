import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { Agent, request } from 'undici';
import { removeTasks } from '../src/shared/queue/bullmq-changes.ts';
import { type KeyOf, queueKeys } from '../src/shared/queue/bullmq-schema.ts';
import { addTasks } from '../src/shared/queue/bullmq-tasks.ts';
import { freePort } from '../tests/support/processes.ts';

/*
 * What a request takes while 100, 10,000 and 1,000,000 tasks wait. Each depth has an orchestrator and keys of its own in
 * one Redis. Each request goes to all depths in turn, so that a noisy neighbour disturbs all alike. What a measurement
 * adds is removed again.
 */

const DEPTHS = [100, 10_000, 1_000_000];
const ROUNDS = 2_000;
const BATCH_ROUNDS = 150;
const TYPES = 20;
const RARE = { event_type: 'rare' };

interface Depth {
  readonly waiting: number;
  readonly url: string;
  readonly keyOf: KeyOf;
  /** Milliseconds of each request, by what it was. */
  readonly taken: Map<string, number[]>;
}

const agent = new Agent({ connections: 1, pipelining: 1 });
const children: ChildProcess[] = [];
const redisPort = await freePort();
start('redis-server', [
  '--port',
  String(redisPort),
  '--bind',
  '127.0.0.1',
  '--save',
  '',
  '--appendonly',
  'no',
]);
const redis = new Redis(redisPort, { maxRetriesPerRequest: null });
redis.on('error', () => undefined); // it tries again until the server has started
await redis.ping();
const depths: Depth[] = [];
for (const waiting of DEPTHS) depths.push(await createDepth(waiting));

function start(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): void {
  const child = spawn(command, args, { stdio: 'ignore', env: { ...process.env, ...env } });
  child.once('error', (error) => {
    throw error;
  });
  children.push(child);
}

async function createDepth(waiting: number): Promise<Depth> {
  const prefix = `{deep-${waiting}}`;
  const port = await freePort();
  const keyOf = queueKeys(prefix);
  await fill(keyOf, waiting);
  start(process.execPath, [fileURLToPath(new URL('../src/orchestrator/main.ts', import.meta.url))], {
    REDIS_URL: `redis://127.0.0.1:${redisPort}`,
    QUEUE_PREFIX: prefix,
    SERVICE_PORT: String(port),
    LOG_LEVEL: 'silent',
  });
  const url = `http://127.0.0.1:${port}`;
  while (!(await isReady(url)) || !(await redis.exists(keyOf('asdlc:indexed')))) await sleep(100);
  return { waiting, url, keyOf, taken: new Map() };
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health/ready`)).ok;
  } catch {
    return false; // it does not listen yet
  }
}

function newTask(eventType: string) {
  const opts = '{"attempts":3,"backoff":{"type":"capped","delay":1000},"stackTraceLimit":5}';
  return { id: randomUUID(), eventType, data: '{"payload":{"path":"."}}', opts, delayMs: 0, priority: 0 };
}

/** Queues tasks of many types, and five of a rare one. */
async function fill(keyOf: KeyOf, count: number): Promise<void> {
  await addTasks(
    redis,
    keyOf,
    Array.from({ length: 5 }, () => newTask(RARE.event_type)),
  );
  for (let done = 5; done < count; done += 1_000) {
    const tasks = Array.from({ length: Math.min(1_000, count - done) }, (_, i) =>
      newTask(`type.${i % TYPES}`),
    );
    const slices = Array.from({ length: 10 }, (_, i) => tasks.slice(i * 100, (i + 1) * 100));
    await Promise.all(
      slices.filter(({ length }) => length > 0).map((slice) => addTasks(redis, keyOf, slice)),
    );
  }
}

interface Call {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly body?: object;
  readonly key?: string;
  readonly expected?: number;
}

/** Sends a request, notes how long it took, and returns the id in its response. */
async function send(depth: Depth, what: string, path: string, call: Call = {}): Promise<string> {
  const { method = 'GET', body, key, expected = 200 } = call;
  const headers = {
    ...(body && { 'content-type': 'application/json' }),
    ...(key && { 'idempotency-key': key }),
  };
  const startedAt = performance.now();
  const options = { method, headers, dispatcher: agent, ...(body && { body: JSON.stringify(body) }) };
  const response = await request(`${depth.url}/api/tasks${path}`, options);
  const text = await response.body.text();
  const taken = depth.taken.get(what) ?? [];
  taken.push(performance.now() - startedAt);
  depth.taken.set(what, taken);
  if (response.statusCode !== expected)
    throw new Error(`expected ${expected}; got ${response.statusCode} ${text}`);
  return text === '' ? '' : ((JSON.parse(text) as { id?: string }).id ?? '');
}

/** Makes a task dead, as a worker would. */
async function kill({ keyOf }: Depth, id: string): Promise<void> {
  const now = Date.now();
  await redis
    .multi()
    .zrem(keyOf('prioritized'), id)
    .zadd(keyOf('failed'), now, id)
    .hset(keyOf(id), { finishedOn: now, failedReason: 'as asked', atm: 3 })
    .exec();
}

const post = { method: 'POST', body: RARE, expected: 202 } as const;
for (let round = 0; round < ROUNDS; round += 1) {
  for (const depth of depths) {
    const key = randomUUID();
    const id = await send(depth, 'POST with a key', '', { ...post, key });
    await send(depth, 'POST with a key, again', '', { ...post, key });
    await send(depth, 'GET', `/${id}`);
    await send(depth, 'GET of an unknown id', `/${randomUUID()}`, { expected: 404 });
    await kill(depth, id);
    await send(depth, 'dead tasks of a type', `?status=dead&event_type=${RARE.event_type}`);
    await send(depth, 'retry', `/${id}/retry`, { method: 'POST', expected: 202 });
    await send(depth, 'DELETE', `/${id}`, { method: 'DELETE', expected: 204 });
    await send(depth, 'newest 50 tasks', '?limit=50');
    await send(depth, 'waiting tasks of a rare type', `?status=queued&event_type=${RARE.event_type}`);
  }
}
for (let round = 0; round < BATCH_ROUNDS; round += 1) {
  for (const depth of depths) {
    const key = randomUUID();
    const tasks = Array.from({ length: 1_000 }, (_, i) => ({ event_type: `type.${i % TYPES}` }));
    const { keyOf } = depth;
    const before = await redis.zcard(keyOf('prioritized'));
    const batch = { method: 'POST', body: { tasks }, key, expected: 202 } as const;
    await send(depth, 'batch of 1,000 with a key', '/batch', batch);
    await send(depth, 'batch of 1,000 with a key, again', '/batch', batch);
    const added = await redis.zrange(keyOf('prioritized'), before, '-1');
    await removeTasks(redis, keyOf, added);
  }
}

const at = (costs: readonly number[], share: number) =>
  costs.toSorted((a, b) => a - b)[Math.ceil(share * costs.length) - 1] ?? Number.NaN;
const rows = [...(depths[0]?.taken.keys() ?? [])].map((what) => {
  const columns = depths.map(({ taken }) => [0.5, 0.99].map((share) => at(taken.get(what) ?? [], share)));
  const cells = columns.map((pair) => pair.map((ms) => ms.toFixed(ms < 10 ? 2 : 1)).join(' / '));
  const ratio = ((columns.at(-1)?.[1] ?? 0) / (columns[0]?.[1] ?? 0)).toFixed(2);
  return `| ${what} | ${cells.join(' | ')} | **${ratio}** | ≤ 2 |`;
});
const memory = Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]);
redis.disconnect();
for (const child of children) child.kill();
await agent.close();
process.stdout.write(`| median / p99, ms | ${DEPTHS.map((n) => `${n.toLocaleString('en')} waiting`).join(' | ')} | p99, most : least | target |
| --- | ---: | ---: | ---: | ---: | ---: |
${rows.join('\n')}

Over HTTP, one request at a time; ${ROUNDS.toLocaleString('en')} requests of each kind and depth, ${BATCH_ROUNDS} batches. Redis holds ${Math.round(memory / DEPTHS.reduce((sum, n) => sum + n)).toLocaleString('en')} bytes
for each of these small tasks, about 330 of them for the index by time and event type.
`);

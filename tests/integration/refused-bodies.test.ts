import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { KIB, MIB } from '../support/large-bodies.ts';
import { startOrchestrator, startRedis } from '../support/processes.ts';
import { RawConnection } from '../support/raw-http.ts';
import { suiteScope } from '../support/scope.ts';

/** REFUSED_TRIES=100 tries each more often. */
const TRIES = Number(process.env.REFUSED_TRIES ?? 1);

interface Refused {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly status: number;
}

type Send = (url: string, request: Refused) => Promise<number>;

const JSON_TYPE = { 'content-type': 'application/json' };
const wrongBatch = (bytes: number) => Buffer.from(`{"tasks":[0,${' '.repeat(bytes - 12)}`);
const large = (bytes: number) => Buffer.alloc(bytes, ' ');

/** Bodies within the limit of their route. */
const WITHIN: Readonly<Record<string, Refused>> = {
  'a wrong task': { path: '/api/tasks', body: large(MIB), status: 400 },
  'a wrong batch': { path: '/api/tasks/batch', body: wrongBatch(16 * MIB), status: 400 },
  'a batch that ends too early': { path: '/api/tasks/batch', body: Buffer.from('{"tasks":['), status: 400 },
  'a batch with too large a task': {
    path: '/api/tasks/batch',
    body: Buffer.from(`{"tasks":["${'a'.repeat(15 * MIB)}`),
    status: 413,
  },
  'another type': {
    path: '/api/tasks',
    headers: { 'content-type': 'text/plain' },
    body: large(MIB),
    status: 415,
  },
  'a foreign page': {
    path: '/api/tasks/batch',
    headers: { origin: 'http://example.org' },
    body: large(16 * MIB),
    status: 403,
  },
};

/** What the client sends beyond the limit is still read, up to a bound. */
const BEYOND: Readonly<Record<string, Refused>> = {
  'too large a task': { path: '/api/tasks', body: large(MIB + 1), status: 413 },
  'too large a task by far': { path: '/api/tasks', body: large(30 * MIB), status: 413 },
  'too large a batch': { path: '/api/tasks/batch', body: large(17 * MIB), status: 413 },
  'too large a form': {
    path: '/api/metrics/query',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: large(2 * MIB),
    status: 413,
  },
  'no such route': { path: '/api/nope', body: large(16 * MIB), status: 404 },
};

const byFetch: Send = async (url, { path, headers, body }) => {
  const response = await fetch(url + path, { method: 'POST', headers: { ...JSON_TYPE, ...headers }, body });
  await response.arrayBuffer();
  return response.status;
};

const byFetchInChunks: Send = async (url, { path, headers, body }) => {
  const stream = new ReadableStream({
    start: (controller) => {
      for (let at = 0; at < body.length; at += 64 * KIB) controller.enqueue(body.subarray(at, at + 64 * KIB));
      controller.close();
    },
  });
  const init = { method: 'POST', headers: { ...JSON_TYPE, ...headers }, body: stream, duplex: 'half' };
  const response = await fetch(url + path, init as RequestInit); // whose type has no duplex
  await response.arrayBuffer();
  return response.status;
};

const byHttp: Send = (url, { path, headers, body }) =>
  new Promise((resolve, reject) => {
    const length = { 'content-length': body.length };
    const request = httpRequest(url + path, {
      method: 'POST',
      headers: { ...JSON_TYPE, ...headers, ...length },
    });
    request.on('error', reject).on('response', (response) => {
      response.on('error', reject).on('end', () => resolve(response.statusCode ?? 0));
      response.resume();
    });
    request.end(body);
  });

describe('a refused body', () => {
  const scope = suiteScope();
  let url: string;
  let port: number;
  let folder: string;

  before(async () => {
    const redis = await startRedis(scope);
    ({ url, port } = await startOrchestrator(scope, { REDIS_URL: redis.url }));
    folder = await mkdtemp(join(tmpdir(), 'refused-'));
    scope.after(() => rm(folder, { recursive: true }));
  });

  const byCurl: Send = async (to, { path, headers, body }) => {
    const file = join(folder, `${body.length}-${body.subarray(0, 12).toString('hex')}`);
    await writeFile(file, body);
    const own = Object.entries({ ...JSON_TYPE, ...headers }).flatMap(([name, value]) => [
      '-H',
      `${name}: ${value}`,
    ]);
    const args = [
      '-sS',
      '-o',
      '/dev/null',
      '-w',
      '%{http_code}',
      ...own,
      '--data-binary',
      `@${file}`,
      to + path,
    ];
    return new Promise((resolve, reject) => {
      execFile('curl', args, (error, stdout) => (error ? reject(error) : resolve(Number(stdout))));
    });
  };

  const clients: Readonly<Record<string, Send>> = {
    fetch: byFetch,
    'fetch in chunks': byFetchInChunks,
    'node:http': byHttp,
    curl: byCurl,
  };

  for (const [name, send] of Object.entries(clients))
    it(`is answered to ${name}, and never reset`, async (t) => {
      const outcomes: Record<string, number> = {};
      for (const [what, refused] of Object.entries({ ...WITHIN, ...BEYOND }))
        for (let i = 0; i < TRIES; i++) {
          const got = await send(url, refused).catch((error) => error.cause?.code ?? error.message);
          const outcome = got === refused.status ? 'answered' : `${what}: ${got}`;
          outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
        }
      t.diagnostic(JSON.stringify(outcomes));
      assert.deepEqual(Object.keys(outcomes), ['answered']);
    });

  it('beyond the memory for bodies gets 503, and never a reset', async (t) => {
    const head = `POST /api/tasks/batch HTTP/1.1\r\nHost: a\r\ncontent-type: application/json\r\ncontent-length: ${16 * MIB}\r\n\r\n`;
    const batch = { path: '/api/tasks/batch', body: wrongBatch(15 * MIB), status: 503 };
    const outcomes: Record<string, number> = {};
    for (let i = 0; i < TRIES; i++) {
      const waiting = await Promise.all(Array.from({ length: 4 }, () => RawConnection.open(port)));
      for (const connection of waiting) await connection.send([head, '{']);
      for (const [name, send] of Object.entries(clients)) {
        const outcome = await send(url, batch).catch(
          (error) => `${name}: ${error.cause?.code ?? error.message}`,
        );
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      }
      for (const connection of waiting) connection.close();
    }
    t.diagnostic(JSON.stringify(outcomes));
    assert.deepEqual(Object.keys(outcomes), ['503']);
  });

  it('that never ends is closed', async () => {
    for (const start of [
      'POST /api/tasks/batch HTTP/1.1\r\ncontent-type: application/json',
      'POST /api/nope HTTP/1.1',
      'GET /api/queue HTTP/1.1',
    ]) {
      const connection = await RawConnection.open(port);
      await connection.send([`${start}\r\nHost: a\r\ncontent-length: ${2 ** 40}\r\n\r\n`]);
      const piece = Buffer.alloc(MIB, ',');
      let sent = 0;
      for (; !connection.isClosed && sent < 1_000; sent++) {
        await connection.send([piece]);
        await new Promise(setImmediate);
      }
      assert.ok(sent < 200, `${start}: ${sent} MiB`);
    }
  });
});

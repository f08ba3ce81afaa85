import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { request, runTask, taskIn } from '../support/http.ts';
import {
  type RunningServer,
  startOrchestrator,
  startRedis,
  startWorkers,
  temporaryFolder,
} from '../support/processes.ts';
import { adminOf } from '../support/redis-servers.ts';
import { type Scope, suiteScope } from '../support/scope.ts';
import { until } from '../support/until.ts';

/** What the first byte of a TLS connection is. */
const TLS_HELLO = 22;

type Answer = (socket: Socket) => void;

const ok = 'HTTP/1.1 200 OK\r\n';
const head = (status: string, ...headers: string[]) =>
  [`HTTP/1.1 ${status}`, ...headers, '', ''].join('\r\n');
const says =
  (...parts: (string | Buffer)[]): Answer =>
  (socket) => {
    for (const part of parts) socket.write(part);
  };
/** Writes again and again, as fast as it is taken. */
const floods =
  (first: string, more: string): Answer =>
  (socket) => {
    socket.write(first);
    const go = () => void (socket.destroyed || socket.write(more, () => setImmediate(go)));
    go();
  };
const slowly =
  (first: string, text: string): Answer =>
  (socket) => {
    socket.write(first);
    let at = 0;
    const timer = setInterval(() => socket.write(text.charAt(at++) || 'x'), 100);
    socket.on('close', () => clearInterval(timer));
  };

/** Receivers that answer with a 2xx, whatever follows it. */
const TAKE: Record<string, Answer> = {
  'hang-after-headers': says(head('200 OK', 'content-length: 1000'), 'abc'),
  'close-in-body': (socket) => void socket.end(`${head('200 OK', 'content-length: 1000')}abc`),
  'reset-in-body': (socket) => {
    socket.write(`${head('200 OK', 'content-length: 1000')}abc`, () => socket.resetAndDestroy());
  },
  'endless-body': floods(head('200 OK', 'content-type: text/plain'), 'x'.repeat(65_536)),
  'slow-body': slowly(head('200 OK', 'content-length: 100000'), 'abc'),
  'no-gzip': says(head('200 OK', 'content-encoding: gzip', 'content-length: 3'), 'abc'),
  'no-chunks': says(head('200 OK', 'transfer-encoding: chunked'), 'zz\r\nabc'),
  'two-answers': says(head('200 OK', 'content-length: 0').repeat(3)),
  'body-of-204': says(head('204 No Content', 'content-length: 3'), 'abc'),
  'early-hints': says(head('103 Early Hints', 'link: </a>'), head('202 Accepted', 'content-length: 0')),
  'odd-headers': says(Buffer.from(`${ok}set-cookie: \xff\xfe=\xe9\r\ncontent-length: 0\r\n\r\n`, 'latin1')),
};
/** Others, with what their deliveries say. */
const REFUSE: Record<string, readonly [Answer, RegExp]> = {
  never: [() => undefined, /got none$/],
  'slow-headers': [slowly(ok, `x: ${'y'.repeat(1_000)}`), /got none$/],
  close: [(socket) => void socket.end(), /got no answer \([\w ]+\)$/],
  reset: [(socket) => void socket.resetAndDestroy(), /got no answer \([\w ]+\)$/],
  'close-in-headers': [(socket) => void socket.end(`${ok}content-le`), /got no answer \([\w ]+\)$/],
  'no-http': [says('220 smtp.example ESMTP\r\n'), /got no answer \([\w ]+\)$/],
  'large-headers': [floods(ok, `x: ${'y'.repeat(10_000)}\r\n`), /got no answer \([\w ]+\)$/],
  'endless-hints': [
    floods('', head('103 Early Hints', 'link: </a>').repeat(500)),
    /got (none|no answer \([\w ]+\))$/,
  ],
  'switch-protocol': [
    says(head('101 Switching Protocols', 'upgrade: x', 'connection: upgrade')),
    /got no answer \([\w ]+\)$/,
  ],
  redirect: [says(head('307 To', 'location: http://127.0.0.1:1/x', 'content-length: 0')), /got 307$/],
  unauthorized: [says(head('401 No', 'www-authenticate: Basic', 'content-length: 0')), /got 401$/],
  'proxy-auth': [
    says(head('407 No', 'proxy-authenticate: Basic', 'content-length: 0')),
    /got (407|no answer \([\w ]+\))$/,
  ],
  misdirected: [says(head('421 No', 'content-length: 0')), /got 421$/],
  'retry-in-a-year': [says(head('429 No', 'retry-after: 31536000', 'content-length: 0')), /got 429$/],
  'retry-rubbish': [says(head('503 No', 'retry-after: \t-1e9,,', 'content-length: 0')), /got 503$/],
  'status-0': [says(head('000 Nothing', 'content-length: 0')), /got (0|no answer \([\w ]+\))$/],
  'status-999': [says(head('999 Odd', 'content-length: 0')), /got 999$/],
};

describe('receivers of webhooks that misbehave', () => {
  const scope = suiteScope();
  const connections = new Map<string, number>();
  let redis: RunningServer;
  let workers: RunningServer;
  let url: string;
  const answers = {
    ...TAKE,
    ...Object.fromEntries(Object.entries(REFUSE).map(([name, [answer]]) => [name, answer])),
  };

  /** Answers each request as its path says. */
  async function startReceiver(scope: Scope): Promise<number> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => undefined);
      let text = '';
      socket.on('data', (chunk) => {
        if (chunk[0] === TLS_HELLO) socket.end(head('400 No'));
        text += chunk;
        if (!text.endsWith('}}')) return; // the end of a message
        const name = /^POST \/(\S+)/.exec(text)?.[1] ?? '';
        connections.set(name, (connections.get(name) ?? 0) + 1);
        text = ''; // another one may follow on the same connection
        answers[name]?.(socket);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    scope.after(() => {
      server.close();
      for (const socket of sockets) socket.destroy();
    });
    return (server.address() as AddressInfo).port;
  }

  before(async () => {
    redis = await startRedis(scope);
    const port = await startReceiver(scope);
    const file = join(await temporaryFolder(scope), 'webhooks.json');
    const secret = `whsec_${Buffer.from('a'.repeat(32)).toString('base64')}`;
    const webhooks = Object.keys(answers).map((name) => ({
      name,
      url: `http://127.0.0.1:${port}/${name}`,
      secrets: [secret],
      attempts: 1,
      timeout_seconds: REFUSE[name]?.[1].source.includes('none') ? 1 : 30,
    }));
    const tls = { ...webhooks[0], name: 'tls', url: `https://127.0.0.1:${port}/tls` };
    await writeFile(file, JSON.stringify({ webhooks: [...webhooks, tls] }));
    const env = { REDIS_URL: redis.url, WEBHOOKS_FILE: file, WORKER_POOL_SIZE: '20' };
    url = (await startOrchestrator(scope, env)).url;
    workers = await startWorkers(scope, env);
    const admin = adminOf(scope, redis.url);
    await until('ends are kept', async () => (await admin.exists('{asdlc}:tasks:asdlc:webhooks:on')) === 1);
  });

  it('get a delivery whose end says what came, and harm nothing else', async () => {
    const { id } = await runTask(url, { event_type: 'echo' });
    const names = [...Object.keys(answers), 'tls'];
    const deliveries = await until('all deliveries are there', async () => {
      const { body } = await request(`${url}/api/tasks?event_type=asdlc.webhook&limit=200`);
      return body.tasks.length === names.length && body.tasks;
    });
    const ends = new Map<string, string>();
    for (const delivery of deliveries) {
      const { status, error, payload, result } = await taskIn(
        url,
        delivery.id,
        ['completed', 'dead'],
        30_000,
      );
      assert.equal(payload.message.data.id, id);
      ends.set(payload.webhook, status === 'completed' ? `completed ${result.status}` : error.message);
    }
    for (const name of Object.keys(TAKE)) assert.match(ends.get(name) ?? '', /^completed 20\d$/, name);
    for (const [name, [, message]] of Object.entries(REFUSE))
      assert.match(ends.get(name) ?? '', message, name);
    assert.match(ends.get('tls') ?? '', /got no answer \(ERR_SSL_\w+\)$/);
    const twice = [...connections].filter(([, count]) => count > 1).map(([name]) => name);
    assert.deepEqual(twice, ['misdirected'], 'after a 421 the client tries another connection');
    assert.equal(workers.child.exitCode, null, workers.output());
    assert.equal((await runTask(url, { event_type: 'echo' })).status, 'completed');
  });
});

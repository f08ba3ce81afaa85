import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { before, describe, it } from 'node:test';
import { faultyTsdb, sendJson } from '../support/faulty-tsdb.ts';
import { request } from '../support/http.ts';
import { until } from '../support/until.ts';

const API_TOKEN = 'a-secret-of-the-team';
const FORM = 'content-type: application/x-www-form-urlencoded';

interface Operation {
  readonly method: string;
  readonly path: string;
  /** Those that OpenAPI lists for it. */
  readonly statuses: readonly string[];
}

/** An answer as it came over the wire. */
interface RawAnswer {
  readonly status: string;
  readonly body: string;
}

/**
 * Sends a text, and returns the answer that came until the server closed the connection. `later` is called when the text
 * is on its way.
 */
function exchange(url: string, text: string, later?: (write: (text: string) => void) => void) {
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  let got = '';
  socket.setEncoding('utf8').on('data', (more) => (got += more));
  // The server may close while the rest of a request is under way.
  socket.on('error', () => undefined);
  socket.once('close', () => {
    if (got === '') reject(new Error(`no answer to ${JSON.stringify(text.slice(0, 200))}`));
    // The body may be in chunks.
    else
      resolve({
        status: got.slice(9, 12),
        body: got.slice(got.indexOf('\r\n\r\n')).replace(/^[^{]*|[^}]*$/g, ''),
      });
  });
  socket.write(text, () => later?.((more) => void socket.write(more)));
  return promise;
}

async function operationsOf(url: string): Promise<Operation[]> {
  const { body } = await request(`${url}/openapi.json`);
  const paths = Object.entries<Record<string, { responses: object }>>(body.paths);
  const operations = paths
    .filter(([path]) => path.startsWith('/api/metrics/'))
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { responses }]) => ({
        method: method.toUpperCase(),
        path,
        statuses: Object.keys(responses),
      })),
    );
  assert.ok(operations.length > 20);
  return operations;
}

const named = (path: string, name = path.includes('panels') ? 'cpu' : 'service') =>
  path.replace('{name}', name);
const HOST = 'host: 127.0.0.1';
const AUTHORIZED = `authorization: Bearer ${API_TOKEN}`;

/** Odd requests to an operation: the first lines, the body, and which of the two servers gets them. */
function oddRequests({ method, path }: Operation): { head: string[]; body?: string; isOpen?: boolean }[] {
  const line = (target = named(path)) => `${method} ${target} HTTP/1.1`;
  const usual = [HOST, AUTHORIZED];
  const length = (size: number) => `content-length: ${size}`;
  const requests = [
    { head: [line(), ...usual] },
    { head: [line(`${named(path)}?query=up&start=0&end=60&step=15&match[]=up`), ...usual] },
    { head: [line(`${named(path)}?query=sum(&start=x&service=&range=0&match[]=)`), ...usual] },
    { head: [line(`${named(path)}?${'a&'.repeat(201)}`), ...usual] },
    { head: [line(`${named(path)}?a=${'x'.repeat(20_000)}`), ...usual] },
    { head: [line(named(path, '%zz')), ...usual] },
    { head: [line(named(path, 'x'.repeat(300))), ...usual] },
    { head: [line(named(path, 'no-such')), ...usual] },
    { head: [line(), HOST] },
    { head: [line(), HOST, 'authorization: Bearer another'] },
    { head: [line(), AUTHORIZED] },
    { head: [line(), 'host: a.example'], isOpen: true },
    { head: [line(), HOST, 'origin: https://a.example', 'sec-fetch-site: cross-site'], isOpen: true },
    { head: [line(), ...usual, 'expect: more'] },
    { head: [line(), ...usual, 'a header'] },
    { head: [line(), ...usual, FORM, length(5)], body: 'query' },
    { head: [line(), ...usual, 'content-type: application/json', length(2)], body: '{}' },
    { head: [line(), ...usual, 'content-type: x', length(2)], body: '{}' },
    { head: [line(), ...usual, length(2)], body: '{}' },
    { head: [line(), ...usual, FORM, length(131_073)], body: 'x'.repeat(131_073) },
    { head: [line(), ...usual, FORM, 'transfer-encoding: chunked'], body: '2\r\na=\r\nzz\r\n' },
  ];
  return requests.map(({ head, ...rest }) => ({ head: [...head, 'connection: close'], ...rest }));
}

function assertListed(
  { method, path, statuses }: Operation,
  { status, body }: RawAnswer,
  what: string,
): void {
  assert.ok(
    statuses.includes(status),
    `${method} ${path} answered ${status} to ${what}: ${body.slice(0, 200)}`,
  );
  assert.notEqual(status, '500', what);
  if (Number(status) < 400 || path.endsWith('/health')) return;
  const isBeforeRoute = ['408', '417', '431'].includes(status) || body.includes('"ASDLC_INPUT_INVALID"');
  const expected = isBeforeRoute ? ['code', 'message'] : ['status', 'errorType', 'error'];
  if (path.endsWith('/-/ready') && status === '503') return; // a text, as Prometheus has it
  assert.deepEqual(Object.keys(JSON.parse(body)), expected, `${method} ${path} ${status} ${body}`);
}

describe('the statuses of the query API', () => {
  const guarded = faultyTsdb({ API_TOKEN, TRUSTED_PROXIES: '127.0.0.1', QUERY_RATE_LIMIT: '3' });
  const open = faultyTsdb({ QUERY_RATE_LIMIT: '0' });
  let operations: Operation[];
  let clients = 0;
  /** Each request comes from another address: the rate limit is for those that it is meant for. */
  const address = () => `x-forwarded-for: 10.0.${clients >> 8}.${clients++ & 255}`;
  const textOf = (head: readonly string[], body = '') =>
    `${[...head, address()].join('\r\n')}\r\n\r\n${body}`;

  before(async () => {
    operations = await operationsOf(guarded.url);
    for (const tsdb of [guarded, open]) tsdb.answer = (_, response) => sendJson(response);
  });

  it('are those that OpenAPI lists, whatever the request', async () => {
    const seen = new Set<string>();
    for (const operation of operations) {
      for (const { head, body, isOpen } of oddRequests(operation)) {
        const answer = await exchange((isOpen ? open : guarded).url, textOf(head, body));
        assertListed(operation, answer, JSON.stringify(head).slice(0, 300));
        seen.add(answer.status);
      }
    }
    const expected = ['200', '400', '401', '403', '404', '413', '414', '415', '417', '431', '503'];
    for (const status of expected) assert.ok(seen.has(status), `${status} was not seen`);
  });

  it('are those that OpenAPI lists, whatever the TSDB answers', async () => {
    const usual = '?query=up&start=0&end=60&step=15&match[]=up&service=a';
    for (const code of [200, 204, 301, 400, 401, 404, 422, 429, 500, 503]) {
      guarded.answer = (_, response) =>
        response.writeHead(code, { 'content-type': 'application/json' }).end('{}');
      for (const operation of operations) {
        const { method, path } = operation;
        const head = [`${method} ${named(path)}${usual} HTTP/1.1`, HOST, AUTHORIZED, 'connection: close'];
        const answer = await exchange(guarded.url, textOf(head));
        assertListed(operation, answer, `${code}`);
      }
    }
  });

  it('have 429 beyond the rate limit and 408 for a request that does not end', async () => {
    const slow = operations.map(async (operation) => {
      const answer = await exchange(
        guarded.url,
        `${operation.method} ${named(operation.path)} HTTP/1.1\r\nhost: a`,
      );
      assert.equal(answer.status, '408');
      assertListed(operation, answer, 'half a request');
    });
    for (const [i, operation] of operations.entries()) {
      const head = [
        `${operation.method} ${named(operation.path)} HTTP/1.1`,
        HOST,
        AUTHORIZED,
        'connection: close',
      ];
      const text = `${[...head, `x-forwarded-for: 192.0.2.${i}`].join('\r\n')}\r\n\r\n`;
      for (let n = 0; n < 3; n++) await exchange(guarded.url, text);
      const answer = await exchange(guarded.url, text);
      assert.equal(answer.status, '429');
      assertListed(operation, answer, 'one request too many');
    }
    await Promise.all(slow);
  });
});

describe('the query API of a process that stops', () => {
  const tsdb = faultyTsdb();

  it('answers requests that arrive on its open connections', async () => {
    tsdb.answer = (_, response) => {
      response.setHeader('content-type', 'application/json').end('{"status":"success","data":[]}');
    };
    const operations = await operationsOf(tsdb.url);
    const stopped = Promise.withResolvers<void>();
    let begun = 0;
    // A connection on which a request has begun stays open at a stop.
    const connections = operations.map(async (operation) => {
      const begin = `${operation.method} ${named(operation.path)}?query=up HTTP/1.1\r\n${HOST}\r\n`;
      const answer = await exchange(tsdb.url, begin, async (write) => {
        begun++;
        await stopped.promise;
        write('connection: close\r\n\r\n');
      });
      return { operation, answer };
    });
    await until('all have begun', () => begun === operations.length);
    // The server accepts and reads connections in their order: when it answers on later ones, it has read those.
    for (let i = 0; i < 3; i++)
      await exchange(tsdb.url, `GET / HTTP/1.1\r\n${HOST}\r\nconnection: close\r\n\r\n`);
    const stopping = tsdb.stop();
    await until('it takes no new connections', () =>
      request(`${tsdb.url}/health/live`).then(
        () => false,
        () => true,
      ),
    );
    stopped.resolve();
    const answers = await Promise.all(connections);
    for (const { operation, answer } of answers) assertListed(operation, answer, 'during the stop');
    assert.ok(answers.some(({ answer }) => answer.status === '200'));
    assert.equal(await stopping, 0);
  });
});

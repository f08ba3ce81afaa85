import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { faultyTsdb, rangePath, responseHead, sendJson } from '../support/faulty-tsdb.ts';

const success = (data: unknown) => JSON.stringify({ status: 'success', data });
const result = (result: unknown) => success({ resultType: 'matrix', result });

const chunked = (body: Buffer) =>
  Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n')]);

/** Ways to end a body of which the TSDB sends a part: what it sends before it closes its side. */
const CUTS: Record<string, (part: Buffer, whole: Buffer, gzip: string[]) => Buffer[]> = {
  'before its content-length': (part, whole, gzip) => [
    Buffer.from(responseHead(`content-length: ${whole.length}`, ...gzip)),
    part,
  ],
  'before its content-length, with connection: close': (part, whole, gzip) => [
    Buffer.from(responseHead(`content-length: ${whole.length}`, 'connection: close', ...gzip)),
    part,
  ],
  'before its last chunk': (part, _, gzip) => [
    Buffer.from(responseHead('transfer-encoding: chunked', ...gzip)),
    chunked(part),
  ],
  'before its last chunk, with connection: close': (part, _, gzip) => [
    Buffer.from(responseHead('transfer-encoding: chunked', 'connection: close', ...gzip)),
    chunked(part),
  ],
  'with its connection, which has no other end': (part, _, gzip) => [
    Buffer.from(responseHead('connection: close', ...gzip)),
    part,
  ],
};

describe('a response of the TSDB that is not whole', () => {
  const tsdb = faultyTsdb({ VICTORIAMETRICS_QUERY_TIMEOUT: '5' });
  const send =
    (pieces: readonly Buffer[]) =>
    (_: unknown, { socket }: ServerResponse) =>
      void socket?.end(Buffer.concat(pieces));
  /** What the client gets: a whole 200, an error, or an end of its connection. */
  const ask = async (path: string, encoding: string) => {
    try {
      const response = await fetch(`${tsdb.url}${path}`, { headers: { 'accept-encoding': encoding } });
      const text = await response.text();
      // A 200 with half a JSON text is a success too: to its caller it looks whole.
      const { errorType } = response.status === 200 ? {} : JSON.parse(text);
      return [response.status, errorType ?? 'success'];
    } catch {
      return 'broken off';
    }
  };

  for (const [cut, pieces] of Object.entries(CUTS)) {
    for (const gzip of [false, true]) {
      it(`is never a success when it ends ${cut}${gzip ? ', compressed' : ''}`, async () => {
        const encoding = gzip ? 'gzip' : 'identity';
        const marks = gzip ? ['content-encoding: gzip'] : [];
        for (const count of [1, 20_000]) {
          const points = Array.from({ length: count }, (_, i) => [i, `${Math.sin(i)}${Math.cos(i)}`]);
          const text = Buffer.from(result([{ metric: { a: 'b' }, values: points }]));
          const whole = gzip ? gzipSync(text, { level: 0 }) : text;
          for (const share of [0.1, 0.5, 0.9, 1 - 1 / whole.length]) {
            const part = whole.subarray(0, Math.floor(whole.length * share));
            tsdb.answer = send(pieces(part, whole, marks));
            const got = await ask(rangePath({ query: `q${count}` }), encoding);
            const isSmall = part.length < 250_000;
            if (isSmall || got !== 'broken off')
              assert.deepEqual(got, [503, 'unavailable'], `${count} ${share}`);
          }
        }
      });
    }
  }

  it('is never a success when its JSON is cut off and its HTTP is whole', async () => {
    const points = Array.from({ length: 20_000 }, (_, i) => [i, `${i}`]);
    for (const data of [result([]), result([{ metric: { a: 'b' }, values: points }])]) {
      for (let cut = 1; cut < data.length; cut += Math.ceil(data.length / 9)) {
        const part = data.slice(0, -cut);
        tsdb.answer = (_, response) => sendJson(response, part);
        const got = await ask(rangePath(), 'identity');
        if (part.endsWith('}')) continue; // only who parses it can tell
        if (got !== 'broken off') assert.deepEqual(got, [503, 'unavailable'], `${cut}`);
        for (const path of ['/api/metrics/panels/cpu', '/api/metrics/services']) {
          assert.deepEqual(await ask(path, 'identity'), [503, 'unavailable'], `${cut}`);
        }
      }
    }
  });

  it('passes on a whole one that ends with its connection', async () => {
    const body = Buffer.from(success(['a']));
    tsdb.answer = send([Buffer.from(responseHead('connection: close')), body]);
    assert.deepEqual(await ask(rangePath(), 'identity'), [200, 'success']);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ResponseParser } from '../../../../../src/infrastructure/victoria-metrics/http/response-parser.ts';

/** What a listener got. */
interface Parsed {
  status: number;
  headers: Record<string, string>;
  body: string;
  isOver: boolean;
  keepsAlive: boolean;
}

/** Parses pieces, each of which is overwritten once it was taken, as a connection does. */
function parse(pieces: readonly Buffer[], parser = new ResponseParser()): Parsed {
  const parsed: Parsed = { status: 0, headers: {}, body: '', isOver: false, keepsAlive: false };
  const chunks: Buffer[] = [];
  parser.begin({
    head: (status, headers) => Object.assign(parsed, { status, headers: Object.fromEntries(headers) }),
    data: (bytes) => void chunks.push(bytes),
    end: () => {
      assert.ok(!parsed.isOver, 'a response ends once');
      parsed.isOver = true;
    },
  });
  for (const piece of pieces) {
    const memory = Buffer.from(piece);
    parser.push(memory);
    memory.fill('#');
  }
  return Object.assign(parsed, {
    body: Buffer.concat(chunks).toString('latin1'),
    keepsAlive: parser.keepsAlive,
  });
}

const parseText = (text: string) => parse([Buffer.from(text, 'latin1')]);

const body = fc.string({ unit: 'binary-ascii', maxLength: 300 });
const value = fc.stringMatching(/^[!-~][ -~]{0,20}[!-~]$/);
const others = fc.dictionary(fc.stringMatching(/^x-[a-z0-9]{1,8}$/), value, { maxKeys: 5 });
const lines = (headers: Readonly<Record<string, string>>) =>
  Object.entries(headers)
    .map(([name, text]) => `${name}:${text}\r\n`)
    .join('');

const sized = fc.record({ body, others }).map(({ body, others }) => ({
  body,
  headers: { ...others, 'content-length': `${body.length}` },
  text: `HTTP/1.1 200 OK\r\n${lines(others)}Content-Length: ${body.length}\r\n\r\n${body}`,
}));

const chunked = fc
  .record({
    chunks: fc.array(fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 100 }), { maxLength: 6 }),
    extension: fc.constantFrom('', ';a', ' ;a="b"'),
    trailers: others,
    isUpper: fc.boolean(),
    others,
  })
  .map(({ chunks, extension, trailers, isUpper, others }) => {
    const size = ({ length }: string) => {
      const digits = length.toString(16);
      return isUpper ? `0${digits.toUpperCase()}` : digits;
    };
    const coded = chunks.map((chunk) => `${size(chunk)}${extension}\r\n${chunk}\r\n`).join('');
    return {
      body: chunks.join(''),
      headers: { ...others, 'transfer-encoding': 'chunked' },
      text: `HTTP/1.1 200\r\n${lines(others)}transfer-encoding: chunked\r\n\r\n${coded}0\r\n${lines(trailers)}\r\n`,
    };
  });

const continued = fc.oneof(sized, chunked).map((response) => ({
  ...response,
  text: `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${response.text}`,
}));

/** Cuts the text at some places. */
function cut(text: string, places: readonly number[]): Buffer[] {
  const bytes = Buffer.from(text, 'latin1');
  const at = [0, ...places.map((place) => place % bytes.length), bytes.length].sort((a, b) => a - b);
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end));
}

describe('ResponseParser', () => {
  it('reads responses of every framing, wherever they are cut, one after the other', () => {
    const response = fc.oneof(sized, chunked, continued);
    const given = fc.record({
      response,
      places: fc.array(fc.nat(), { maxLength: 12 }),
      bytewise: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(given, { minLength: 1, maxLength: 3 }), (all) => {
        const parser = new ResponseParser();
        for (const { response, places, bytewise } of all) {
          const everywhere = Array.from({ length: response.text.length }, (_, i) => i);
          const parsed = parse(cut(response.text, bytewise ? everywhere : places), parser);
          const { body, headers } = response;
          assert.deepEqual(parsed, { status: 200, headers, body, isOver: true, keepsAlive: true });
        }
      }),
    );
  });

  it('is not over before its last byte', () => {
    fc.assert(
      fc.property(fc.oneof(sized, chunked, continued), fc.nat(), ({ text }, place) => {
        const parsed = parse([Buffer.from(text, 'latin1').subarray(0, place % text.length)]);
        assert.ok(!parsed.isOver);
      }),
    );
  });

  it('reads a body without a length until the connection ends', () => {
    const parser = new ResponseParser();
    const parsed = parse([Buffer.from('HTTP/1.1 200 OK\r\n\r\nall '), Buffer.from('of it')], parser);
    assert.deepEqual([parsed.body, parsed.isOver, parsed.keepsAlive], ['all of it', false, false]);
    assert.ok(parser.endOfConnection());
    assert.ok(parsed.isOver);
  });

  it('says that a response is not whole when its connection ends before it', () => {
    for (const text of [
      '',
      'HTTP/1.1 200 OK\r\ncontent-',
      'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nfour',
    ]) {
      const parser = new ResponseParser();
      parse([Buffer.from(text)], parser);
      assert.ok(!parser.endOfConnection(), text);
    }
  });

  it('keeps a connection that both sides keep', () => {
    const keeps = (head: string) => parseText(`${head}\r\ncontent-length: 0\r\n\r\n`).keepsAlive;
    assert.ok(keeps('HTTP/1.1 200 OK'));
    assert.ok(keeps('HTTP/1.1 200 OK\r\nconnection: keep-alive'));
    assert.ok(!keeps('HTTP/1.1 200 OK\r\nConnection: Close'));
    assert.ok(!keeps('HTTP/1.1 200 OK\r\nconnection: a,\t close '));
    assert.ok(!keeps('HTTP/1.0 200 OK'));
    assert.ok(keeps('HTTP/1.1 200 OK\r\nkeep-alive: timeout=5, max=100'));
    assert.ok(!keeps('HTTP/1.1 200 OK\r\nkeep-alive: timeout=2'));
  });

  it('passes on nothing after it was stopped', () => {
    const whole = ['HTTP/1.1 204 No Content\r\n\r\n', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}'];
    for (const text of whole) {
      const parser = new ResponseParser();
      const fail = () => assert.fail('the parser was stopped');
      parser.begin({ head: () => parser.stop(), data: fail, end: fail });
      parser.push(Buffer.from(text));
      assert.ok(parser.isOver);
    }
  });

  it('does not keep a connection with bytes behind the response', () => {
    const parsed = parseText('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\n');
    assert.deepEqual([parsed.body, parsed.isOver, parsed.keepsAlive], ['{}', true, false]);
  });

  it('reads no body after 204 and 304', () => {
    for (const status of [204, 304]) {
      const parsed = parseText(`HTTP/1.1 ${status} \r\ncontent-length: 20\r\n\r\n`);
      assert.deepEqual([parsed.status, parsed.body, parsed.isOver], [status, '', true]);
    }
  });

  const refused: Readonly<Record<string, string>> = {
    'another protocol': 'SSH-2.0-OpenSSH_9.2\r\n\r\n',
    'HTTP/2': 'HTTP/2 200 OK\r\n\r\n',
    'a status of two digits': 'HTTP/1.1 99 OK\r\n\r\n',
    'a switch of protocols': 'HTTP/1.1 101 Switching\r\nupgrade: h2c\r\n\r\n',
    'a header without a colon': 'HTTP/1.1 200 OK\r\nnothing\r\n\r\n',
    'a header without a name': 'HTTP/1.1 200 OK\r\n: value\r\n\r\n',
    'space before a colon': 'HTTP/1.1 200 OK\r\ncontent-length : 2\r\n\r\n{}',
    'a header over two lines': 'HTTP/1.1 200 OK\r\na: 1\r\n 2\r\n\r\n',
    'lines without a carriage return': `HTTP/1.1 200 OK\ncontent-length: 2\n\n{}${' '.repeat(20_000)}`,
    'a bare line feed in a header':
      'HTTP/1.1 200 OK\r\na: b\ntransfer-encoding: chunked\r\ncontent-length: 2\r\n\r\n{}',
    'a bare carriage return in a header': 'HTTP/1.1 200 OK\r\na: b\rc\r\ncontent-length: 2\r\n\r\n{}',
    'a NUL in a header': 'HTTP/1.1 200 OK\r\na: b\0\r\ncontent-length: 2\r\n\r\n{}',
    'a bare line feed before a chunk':
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2;\n\r\n{}\r\n0\r\n\r\n',
    'another space around a length': 'HTTP/1.1 200 OK\r\ncontent-length: 2\u00a0\r\n\r\n{}',
    'two lengths': 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}',
    'a length and chunks':
      'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n',
    'a length below 0': 'HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n',
    'a length with a sign': 'HTTP/1.1 200 OK\r\ncontent-length: +2\r\n\r\n{}',
    'another coding': 'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n',
    'a chunk without a size': 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\r\n',
    'a chunk of a wrong size': 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2x\r\n{}\r\n0\r\n\r\n',
    'a chunk of a huge size': 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n100000000\r\n',
    'a chunk longer than its size':
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n',
    'a head that is too long': `HTTP/1.1 200 OK\r\na: ${'a'.repeat(17_000)}\r\n\r\n`,
    'a head that never ends': `HTTP/1.1 200 OK\r\na: ${'a'.repeat(70_000)}`,
    'trailers that never end': `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n${'a: b\r\n'.repeat(200)}`,
  };
  for (const [name, text] of Object.entries(refused)) {
    it(`refuses ${name}, whole and byte by byte`, () => {
      assert.throws(() => parseText(text), Error);
      const bytes = Buffer.from(text, 'latin1');
      assert.throws(() => parse(Array.from(bytes, (_, i) => bytes.subarray(i, i + 1))), Error);
    });
  }
});

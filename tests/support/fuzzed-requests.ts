import { anyErrorFault, type Route } from './documented-routes.ts';
import type { Random } from './random.ts';

/* Requests that are mutated from valid ones: method, path, query, headers and body. Each byte goes out as it is here. */

export interface FuzzedRequest {
  readonly method: string;
  readonly text: Buffer;
  /** The statuses that are documented for it. */
  readonly expected: ReadonlySet<number>;
  readonly faultOf: Route['faultOf'];
  /** Whether what follows on the connection could be taken for a part of it. */
  readonly endsConnection: boolean;
}

const METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'PROPFIND',
  'QUERY',
  'get',
  'FOO',
];

/** Node's parser, and then the router, refuse what they do not know. */
const NO_ROUTE = [400, 403, 404, 408, 414, 415, 417, 431];

const TEXTS = [
  '',
  ' ',
  '0',
  '-1',
  '1e400',
  '99999999999999999999',
  'NaN',
  'null',
  'true',
  'a',
  '"',
  "'",
  '\\',
  '%',
  '%zz',
  '%00',
  '%0d%0a',
  '%e2%98%83',
  '%ff',
  '../..',
  '..%2f',
  '<script>',
  '#{7*7}',
  '{{',
  '\u00e9\u2603',
  '__proto__',
  'constructor',
  'a'.repeat(300),
  '('.repeat(50),
  '['.repeat(50),
  '+',
  ';',
  '&',
  '=',
  '*',
  '#',
  ',',
  '\t',
];

const PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  query: [
    'up',
    'sum(rate(asdlc_http_requests_total[5m])) by (service)',
    'up offset 1m',
    'min{} and up',
    'up[0x10]',
    '1+',
    'up{a="b"}',
    'a[1m:1s]',
    'absent(up)',
    '{__name__=~".+"}',
    '"a"',
    '-(-1)',
    'up @ 1',
  ],
  'match[]': ['up', '{service="asdlc-workers"}', 'up{', '{__name__=~"asdlc_.*"}', '1', '{}'],
  time: ['1767229200', 'now', '2026-01-01T00:00:00Z', '1e3', '0x10', '-1'],
  start: ['1767225600', '1767229200', '0', 'x'],
  end: ['1767229200', '1767225600', '9e9'],
  step: ['15', '1m', '0', '1ms', '-1', '1h30m'],
  timeout: ['1s', '0', '1y'],
  service: ['asdlc-workers', '', 'a"b', 'x'.repeat(257)],
  limit: ['1', '0', '-1', '1000', '1.5'],
  metric: ['up', 'a b'],
  range: ['1h', '7d', '1000y', '0'],
  width: ['600', '1', '2000', 'x'],
  status: ['queued', 'dead', 'lost'],
  event_type: ['echo', 'ECHO'],
  cursor: ['MC4w', 'nonsense', 'OS45OTk5OTk'],
};

const HEADERS: Readonly<Record<string, readonly string[]>> = {
  origin: ['http://localhost', 'https://evil.example', 'null', 'x'],
  'sec-fetch-site': ['same-origin', 'cross-site', 'none', 'x'],
  accept: [
    '*/*',
    'text/html',
    'application/openmetrics-text;version=1.0.0;q=0.5',
    'text/plain;q=nonsense',
    ',;,',
    'a/b;q=9',
  ],
  'accept-encoding': ['gzip', 'br', 'identity;q=0', 'gzip;q=0, *;q=0', 'nonsense', ''],
  authorization: ['Bearer x', 'Basic eDp5', 'Bearer', 'Bearer \t'],
  expect: ['100-continue', 'a miracle', '100-continue, x'],
  range: ['bytes=0-10', 'bytes=9-1', 'bytes=-5', 'bytes=0-0,2-2,4-4', 'lines=1'],
  'if-none-match': ['*', '"x"', 'W/"x"', 'x'],
  'if-match': ['*', '"x"'],
  'if-modified-since': ['Wed, 25 Nov 2026 00:00:00 GMT', 'never'],
  'if-range': ['"x"'],
  traceparent: ['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', '00-0', 'ff-'],
  tracestate: ['a=b', '=', ','],
  'idempotency-key': ['a key', 'k'.repeat(256), '\u00e9', ' '],
  'x-forwarded-for': ['192.0.2.1', 'x, y', '::1'],
  'x-forwarded-host': ['evil.example'],
  'x-http-method-override': ['DELETE'],
  'x-prometheus-scrape-timeout-seconds': ['10', '0.001', '-1', 'x'],
  connection: ['keep-alive', 'close', 'Upgrade', 'x, y'],
  upgrade: ['websocket', 'h2c'],
  cookie: ['a=b; c', ';;;'],
  'content-encoding': ['gzip', 'identity'],
  'content-type': [
    'application/json',
    'application/json; charset=latin1',
    'application/x-www-form-urlencoded',
    'text/plain',
    'multipart/form-data',
    '@@',
    '',
    ';',
    'application/JSON;;',
  ],
  'access-control-request-method': ['POST'],
  te: ['trailers', 'x'],
  'x-odd': ['\u00ff\u00fe', '\t', 'a'.repeat(2_000)],
};

const TASKS = [
  '{"event_type":"echo","payload":{"a":[1,2.5,"x",null,true,{"b":{}}]},"priority":3,"delay_ms":0,"max_attempts":2}',
  '{"event_type":"fail","max_attempts":1}',
  '{"event_type":"nobody.knows","payload":"\u2603"}',
];

/** Makes requests to the routes of one server. */
export class RequestFuzzer {
  readonly #random: Random;
  readonly #routes: readonly Route[];
  readonly #ids: readonly string[];

  /** `ids` are those of tasks that exist. */
  constructor(random: Random, routes: readonly Route[], ids: readonly string[]) {
    this.#random = random;
    this.#routes = routes;
    this.#ids = ids;
  }

  next(): FuzzedRequest {
    const random = this.#random;
    const route = random.of(this.#routes);
    const method = random.chance(0.1) ? random.of(METHODS) : route.method;
    const path = random.chance(0.15)
      ? this.#mutatePath(route.path)
      : route.path.replace('none', random.of(this.#ids));
    const version = random.chance(0.06) ? random.of(['1.0', '1.0', '1.1', '1.2', '2.0', '0.9', 'x']) : '1.1';
    const body = this.#bodyOf(route, method);
    const isChunked = body.length > 0 && random.chance(0.2);
    const isShort = body.length > 1 && random.chance(0.02); // the rest looks like another request
    const headers = [
      ...this.#hosts(),
      ...(body.length > 0 ? [`content-type: ${this.#typeOf(route)}`] : []),
      ...random.some(Object.keys(HEADERS), 5).map((name) => `${name}: ${random.of(HEADERS[name] ?? [''])}`),
      ...(isChunked
        ? ['transfer-encoding: chunked']
        : body.length > 0
          ? [`content-length: ${body.length - Number(isShort)}`]
          : []),
    ];
    const head = `${method} ${path}${this.#query()} HTTP/${version}\r\n${headers.join('\r\n')}\r\n\r\n`;
    const sent = isChunked ? chunksOf(body, 1 + random.below(body.length)) : body;
    return {
      method,
      text: Buffer.concat([Buffer.from(head, random.of(['utf8', 'latin1'])), sent]),
      ...this.#expected(method, path),
      endsConnection:
        isShort || version !== '1.1' || headers.some((header) => /^(upgrade|connection):/.test(header)),
    };
  }

  #hosts(): string[] {
    if (this.#random.chance(0.95)) return [`Host: ${this.#random.of(['localhost', '127.0.0.1:1', '[::1]'])}`];
    return this.#random.of([
      [],
      ['Host: evil.example'],
      ['Host: '],
      ['Host: a', 'Host: b'],
      ['Host: a b'],
      ['Host: \u00e9'],
    ]);
  }

  #mutatePath(path: string): string {
    const at = 1 + this.#random.below(path.length);
    const [begin, end] = [path.slice(0, at), path.slice(at)];
    switch (this.#random.below(8)) {
      case 0:
        return begin + this.#random.of(TEXTS).replaceAll(/\s/g, '') + end;
      case 1:
        return `${begin}${end === '' ? '' : `%${end.charCodeAt(0).toString(16)}`}${end.slice(1)}`;
      case 2:
        return `${path}/`;
      case 3:
        return path.replaceAll('/', '//');
      case 4:
        return path.toUpperCase();
      case 5:
        return `http://localhost${path}`;
      case 6:
        return begin;
      default:
        return `${path}${this.#random.of(['/..', '/%2e%2e/', ';a', '#b', '\\', '/\u2603', '*', '//evil.example'])}`;
    }
  }

  #query(): string {
    if (this.#random.chance(0.2)) return '';
    const parts = this.#parameters();
    return `?${parts.join(this.#random.of(['&', '&', '&', ';', '&&']))}`;
  }

  #parameters(): string[] {
    const random = this.#random;
    return random.some(Object.keys(PARAMETERS), 5).map((name) => {
      if (random.chance(0.15)) return `${name}=${random.of(TEXTS).replaceAll(/\s/g, '+')}`;
      const value = random.of(PARAMETERS[name] ?? ['']);
      return `${name}=${encodeURIComponent(random.chance(0.1) ? this.#mutate(Buffer.from(value)).toString() : value)}`;
    });
  }

  #typeOf(route: Route): string {
    if (this.#random.chance(0.1)) return this.#random.of(HEADERS['content-type'] ?? ['']);
    return route.path.startsWith('/api/metrics/') ? 'application/x-www-form-urlencoded' : 'application/json';
  }

  #bodyOf(route: Route, method: string): Buffer {
    const random = this.#random;
    if (random.chance(route.takesBody ? 0.05 : method === 'POST' ? 0.5 : 0.9)) return Buffer.alloc(0);
    const task = random.of(TASKS);
    const valid = route.path.startsWith('/api/metrics/')
      ? this.#parameters().join('&')
      : route.path.endsWith('/batch')
        ? `{"tasks":[${Array(1 + random.below(20)).fill(task)}]}`
        : task;
    return random.chance(0.6) ? Buffer.from(valid) : this.#mutate(Buffer.from(valid));
  }

  /** Changes, removes, repeats or adds some bytes. */
  #mutate(bytes: Buffer): Buffer {
    const random = this.#random;
    let mutated = bytes;
    for (let i = random.below(4); i >= 0; i--) {
      const at = random.below(mutated.length + 1);
      const [begin, end] = [mutated.subarray(0, at), mutated.subarray(at)];
      const count = random.below(end.length + 1);
      const middle = random.of([
        Buffer.from([random.below(256)]),
        Buffer.from(random.of(TEXTS)),
        Buffer.from(random.of(['"', '{', '}', '[', ']', ',', ':', '\\', '1e9'])),
        end.subarray(0, count),
        Buffer.alloc(0),
      ]);
      mutated = Buffer.concat([begin, middle, end.subarray(random.chance(0.5) ? 0 : count)]);
    }
    return mutated;
  }

  /** The statuses of the route that the router would choose, or those of a request without one. */
  #expected(method: string, path: string): Pick<FuzzedRequest, 'expected' | 'faultOf'> {
    const asked = method === 'HEAD' ? 'GET' : method;
    const bare = decoded(path.replace(/^https?:\/\/[^/]*/, '').replace(/[?#].*$/s, ''));
    const fits = this.#routes.filter(
      (route) => route.method === asked && patternOf(route.pattern).test(bare),
    );
    // An exact path goes before a pattern.
    const exact = fits.find(({ pattern }) => pattern === bare) ?? fits[0];
    const isPlain = exact !== undefined && (exact.path === path || exact.path.replace('none', '') === path);
    return {
      expected: new Set([...(exact?.statuses ?? []), ...(isPlain ? [] : NO_ROUTE)]),
      faultOf: exact?.faultOf ?? anyErrorFault,
    };
  }
}

function patternOf(pattern: string): RegExp {
  return new RegExp(`^${pattern.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&').replaceAll(/\{\w+\}/g, '[^/]*')}$`);
}

function decoded(path: string): string {
  try {
    return decodeURI(path); // as the router: %2f stays
  } catch {
    return path;
  }
}

function chunksOf(body: Buffer, size: number): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length; at += size) {
    const chunk = body.subarray(at, at + size);
    parts.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'));
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}

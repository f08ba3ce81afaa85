import { anyErrorFault, type Route } from './documented-routes.ts';
import { HEADERS, METHODS, NO_ROUTE, PARAMETERS, TASKS, TEXTS } from './fuzzed-parts.ts';
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

import { inspect } from 'node:util';
import { runInNewContext } from 'node:vm';
import * as bullmq from 'bullmq';

/*
 * Whatever a handler may throw: every kind of value, and errors with every odd property. Each entry makes its value,
 * because some cannot be cloned into a thread.
 */

const MIB = 1024 * 1024;

function boom(): never {
  throw new Error('a trap of the thrown value');
}

const odd = (properties: object) => () => Object.assign(new Error('odd'), properties);
const defined = (name: string, descriptor: PropertyDescriptor) => () =>
  Object.defineProperty(new Error('odd'), name, { configurable: true, ...descriptor });

function revoked(target: object): unknown {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

/** Every trap throws. */
function trapped(target: object): unknown {
  const trap = { get: () => boom };
  return new Proxy(target, new Proxy({}, trap));
}

function circularCause(): Error {
  const [first, second] = [new Error('first'), new Error('second')];
  first.cause = second;
  second.cause = first;
  return first;
}

function chain(depth: number): Error {
  return depth === 0 ? new Error('the root') : new Error(`level ${depth}`, { cause: chain(depth - 1) });
}

function circular(): object {
  const object: { self?: object } = {};
  object.self = object;
  return object;
}

const VALUES: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  true: () => true,
  zero: () => 0,
  'negative zero': () => -0,
  NaN: () => Number.NaN,
  bigint: () => 10n ** 100n,
  'empty string': () => '',
  string: () => 'a text',
  'long string': () => 'x'.repeat(5 * MIB),
  'lone surrogate': () => '\ud800 and \0 and \u001b[31m',
  symbol: () => Symbol('s'),
  function: () => function thrown() {},
  class: () => class Thrown {},
  object: () => ({ code: 7 }),
  'object like an error': () => ({ name: 'Fake', message: 'looks like one', stack: 'no stack' }),
  'object with a getter': () => ({
    get code(): unknown {
      return boom();
    },
  }),
  'object of 200,000 keys': () => Object.fromEntries(Array.from({ length: 200_000 }, (_, i) => [`k${i}`, i])),
  'circular object': circular,
  'null prototype': () => Object.assign(Object.create(null), { a: 1 }),
  array: () => [1, [2, [3, [4]]]],
  'long array': () => new Array(1_000_000).fill('x'),
  map: () => new Map([[{}, new Set([1])]]),
  date: () => new Date(Number.NaN),
  'regular expression': () => /x/g,
  buffer: () => Buffer.alloc(5 * MIB),
  'weak map': () => new WeakMap(),
  'rejected promise': () => {
    const promise = Promise.reject(new Error('inside'));
    promise.catch(() => undefined);
    return promise;
  },
  thenable: () => Object.fromEntries([['then', boom]]),
  generator: () => (function* () {})(),
  'global object': () => globalThis,
  process: () => process,
  'proxy of an object': () => trapped({}),
  'proxy of a function': () => trapped(() => undefined),
  'proxy of an error': () => trapped(new Error('behind')),
  'revoked proxy': () => revoked({}),
  'revoked proxy of an error': () => revoked(new Error('behind')),
  'throwing toString': () => ({ toString: boom, valueOf: boom, [Symbol.toPrimitive]: boom, toJSON: boom }),
  'throwing inspect': () => ({ [inspect.custom]: boom }),
  'throwing toStringTag': () => ({
    get [Symbol.toStringTag](): string {
      return boom();
    },
  }),
  'throwing constructor': () => ({
    get constructor(): never {
      return boom();
    },
  }),
};

const ERRORS: Readonly<Record<string, () => unknown>> = {
  plain: () => new Error('plain'),
  'without message': () => new TypeError(),
  'of another realm': () => runInNewContext('new RangeError("elsewhere")'),
  'DOM exception': () => new DOMException('gone', 'AbortError'),
  'system error': () =>
    Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', errno: -111 }),
  'by prototype alone': () => Object.create(Error.prototype),
  'null prototype': () => Object.setPrototypeOf(new Error('odd'), null),
  frozen: () => Object.freeze(new Error('frozen')),
  'object as message': odd({ message: { code: 1 } }),
  'circular object as message': () => Object.assign(new Error('odd'), { message: circular() }),
  'null as message': odd({ message: null }),
  'undefined as message': odd({ message: undefined }),
  'number as message': odd({ message: 42 }),
  'symbol as message': odd({ message: Symbol('m') }),
  'bigint as message': odd({ message: 1n }),
  'function as message': odd({ message: boom }),
  'proxy as message': () => Object.assign(new Error('odd'), { message: trapped({}) }),
  'long message': () => new Error('m'.repeat(5 * MIB)),
  'throwing message': defined('message', { get: boom }),
  'message without prototype': odd({ message: Object.create(null) }),
  'circular stack': () => Object.assign(new Error('odd'), { stack: circular() }),
  'null as stack': odd({ stack: null }),
  'undefined as stack': odd({ stack: undefined }),
  'number as stack': odd({ stack: 5 }),
  'symbol as stack': odd({ stack: Symbol('s') }),
  'long stack': odd({ stack: 's'.repeat(5 * MIB) }),
  'throwing stack': defined('stack', { get: boom }),
  'proxy as stack': () => Object.assign(new Error('odd'), { stack: revoked({}) }),
  'object as name': odd({ name: { a: 1 } }),
  'null as name': odd({ name: null }),
  'symbol as name': odd({ name: Symbol('n') }),
  'empty name': odd({ name: '' }),
  'long name': odd({ name: 'n'.repeat(5 * MIB) }),
  'throwing name': defined('name', { get: boom }),
  'throwing constructor': defined('constructor', { get: boom }),
  'throwing toStringTag': defined(Symbol.toStringTag as never, { get: boom }), // a symbol is a property key as well
  'throwing toString': odd({ toString: boom, toJSON: boom, [Symbol.toPrimitive]: boom }),
  'throwing then': defined('then', { get: boom }),
  'throwing code': defined('code', { get: boom, enumerable: true }),
  'circular property': () => Object.assign(new Error('odd'), { self: circular() }),
  'a million properties': () => {
    const error: Error & Record<string, unknown> = Object.assign(new Error('odd'));
    for (let i = 0; i < 100_000; i++) error[`p${i}`] = i;
    return error;
  },
  'throwing cause': defined('cause', { get: boom }),
  'circular cause': circularCause,
  'its own cause': () => {
    const error = new Error('odd');
    error.cause = error;
    return error;
  },
  'deep cause': () => chain(50_000 / 500),
  'proxy as cause': () => new Error('odd', { cause: trapped({}) }),
  'null as cause': () => new Error('odd', { cause: null }),
  aggregate: () => new AggregateError([new Error('one'), 'two', null, trapped({})], 'several'),
  'long aggregate': () => new AggregateError(Array.from({ length: 10_000 }, (_, i) => new Error(`e${i}`))),
  'revoked errors': odd({ errors: revoked([]) }),
  'throwing errors': defined('errors', { get: boom }),
  'aggregate of itself': () => {
    const error = new AggregateError([], 'odd');
    error.errors.push(error);
    return error;
  },
  'throwing retryable': defined('retryable', { get: boom }),
  'retryable: true': odd({ retryable: true }),
  'retryable: 0': odd({ retryable: 0 }),
  'stack overflow': () => {
    const recurse = (): number => recurse() + 1;
    try {
      return recurse();
    } catch (error) {
      return error;
    }
  },
};

/** All that BullMQ exports as an error or a text, so that an addition of a new version is covered too. */
function ofBullmq(): Record<string, () => unknown> {
  const made: Record<string, () => unknown> = {};
  for (const [name, exported] of Object.entries(bullmq as Readonly<Record<string, unknown>>)) {
    if (typeof exported === 'string') {
      made[`error ${name}`] = () => new Error(exported);
      made[`text ${name}`] = () => exported;
    }
    if (typeof exported !== 'function' || !(exported.prototype instanceof Error)) continue;
    const Class = exported as new (message?: string) => Error; // its prototype says so
    made[`new ${name}`] = () => new Class();
    made[`new ${name}, own message`] = () => new Class('own message');
    made[`named ${name}`] = () => Object.assign(new Error('by name'), { name });
    made[`inherits ${name}`] = () => new (class extends Class {})('inherited');
    made[`plain object ${name}`] = () => ({ name, message: 'an object', stack: '' });
  }
  for (const [name, code] of Object.entries(bullmq.ErrorCode)) {
    if (typeof code === 'number') made[`code ${name}`] = () => Object.assign(new Error(name), { code });
  }
  made['static Worker.RateLimitError'] = () => bullmq.Worker.RateLimitError();
  return made;
}

const prefixed = (prefix: string, entries: Readonly<Record<string, () => unknown>>) =>
  Object.entries(entries).map(([name, make]): [string, () => unknown] => [`${prefix}: ${name}`, make]);

/** By name. */
export const THROWN: ReadonlyMap<string, () => unknown> = new Map([
  ...prefixed('value', VALUES),
  ...prefixed('error', ERRORS),
  ...prefixed('bullmq', ofBullmq()),
]);

/** Values with `retryable: false`: they make a task dead at the first attempt. */
export const PERMANENT: ReadonlyMap<string, () => unknown> = new Map([
  ['own, of an error', () => Object.assign(new RangeError('no use'), { retryable: false })],
  ['own, of an object', () => ({ retryable: false })],
  ['own, of a function', () => Object.assign(() => undefined, { retryable: false })],
  [
    'inherited',
    () =>
      new (class Refused extends Error {
        retryable = false;
      })('refused'),
  ],
  [
    'inherited by a getter',
    () =>
      new (class Refused extends Error {
        get retryable() {
          return false;
        }
      })('refused'),
  ],
  ['of a frozen object', () => Object.freeze(Object.assign(Object.create(null), { retryable: false }))],
  ['of an empty error', () => Object.assign(new TypeError(), { retryable: false })],
  ['of an error that BullMQ knows', () => Object.assign(new bullmq.DelayedError(), { retryable: false })],
]);

/** Results that are not JSON. */
export const BAD_RESULTS: ReadonlyMap<string, () => unknown> = new Map<string, () => unknown>([
  ['bigint', () => 1n],
  ['circular', circular],
  ['nested bigint', () => ({ a: [1n] })],
  ['revoked proxy', () => ({ a: revoked({}) })],
  [
    'throwing getter',
    () => ({
      get a(): unknown {
        return boom();
      },
    }),
  ],
  ['throwing then', () => Object.defineProperty({}, 'then', { get: boom })],
  [
    'toJSON that throws an error of BullMQ',
    () => ({
      toJSON: () => {
        throw new bullmq.WaitingError();
      },
    }),
  ],
  ...[undefined, null].map((thrown): [string, () => unknown] => [
    `toJSON that throws ${thrown}`,
    () => ({
      toJSON: () => {
        throw thrown;
      },
    }),
  ]),
  [
    'toJSON that throws a proxy',
    () => ({
      toJSON: () => {
        throw trapped({});
      },
    }),
  ],
  [
    'too deep',
    () => {
      let deep: unknown[] = [];
      for (let i = 0; i < 100_000; i++) deep = [deep];
      return deep;
    },
  ],
]);

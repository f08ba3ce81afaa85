import type { Random } from './random.ts';

/* Values that a program may get from a request, or from code that is wrong, and pass on to a metric. */

const thrower = (): never => {
  throw new Error('as asked');
};

const TRAPS = ['get', 'has', 'ownKeys', 'getPrototypeOf', 'getOwnPropertyDescriptor'] as const;

function revokedProxy(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function cyclicList(): unknown[] {
  const list: unknown[] = [];
  list.push(list, [list]);
  return list;
}

const OBJECTS: readonly unknown[] = [
  {},
  [],
  Object.create(null),
  { toString: thrower },
  { [Symbol.toPrimitive]: thrower },
  {
    get a(): never {
      return thrower();
    },
  },
  new Proxy({ a: 1 }, Object.fromEntries(TRAPS.map((trap) => [trap, thrower]))),
  revokedProxy(),
  cyclicList(),
  new Date(NaN),
  new Map([['a', 1]]),
  thrower,
  { labels: null, value: 'x', exemplarLabels: 5 },
  { labels: { a: revokedProxy() }, value: {}, exemplarLabels: { 'bad name': '\ud800' } },
];

const PRIMITIVES: readonly unknown[] = [
  undefined,
  null,
  NaN,
  Infinity,
  -Infinity,
  -1,
  0,
  1e308,
  true,
  10n,
  Symbol('s'),
  '',
  '\u0000',
  '\ud800',
  'a"\\\n',
  'x'.repeat(100_000),
  '__proto__',
];

const ANY = [...PRIMITIVES, ...OBJECTS];

/** Any of these, also as the value of a label and of an exemplar's. */
export function hostileValue(random: Random): unknown {
  const any = () => random.of(ANY);
  return random.of([
    any,
    any,
    () => ({ a: any(), b: any() }),
    () => ({ labels: { a: any() }, value: any(), exemplarLabels: any() }),
    () => ({ trace_id: any() }),
    () => ({
      name: 'foreign',
      help: 'H.',
      type: 'gauge',
      values: [{ value: any(), labels: { a: any() } }, any()],
    }),
  ])();
}

/** A function of a program's options: it throws, or returns any value. */
export function hostileFunction(random: Random): (...values: unknown[]) => unknown {
  const value = hostileValue(random);
  return value === undefined ? thrower : () => value;
}

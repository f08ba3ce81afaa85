import { inspect, types } from 'node:util';

/** Limits of texts, in characters. */
const MAX_NAME = 100;
const MAX_MESSAGE = 2_000;
const MAX_RELATED_MESSAGE = 300;
const MAX_STACK = 8 * 1024;

const MAX_CAUSES = 3;
const MAX_AGGREGATED = 5;
const MAX_PROPERTIES = 20;

/** Whatever was thrown, as plain text. Each text has a limit. */
export interface Thrown {
  readonly name: string;
  /** Never empty. It has the name, unless that is "Error", and the messages of related errors. */
  readonly message: string;
  /** With the stacks of related errors. */
  readonly stack: string;
  readonly code?: string | number;
}

/** An error whose texts are plain already. */
export class PlainError extends Error {
  readonly #thrown: Thrown;

  constructor(thrown: Thrown) {
    super(thrown.message);
    this.#thrown = thrown;
    this.stack = thrown.stack;
  }

  /** Undefined for anything else. Asks for a private field, so no code of the value runs. */
  static describe(value: unknown): Thrown | undefined {
    return typeof value === 'object' && value !== null && #thrown in value ? value.#thrown : undefined;
  }
}

/**
 * Describes whatever `thrower` threw: any value, an error with any property. It never throws. The only code of the value
 * that it runs are getters and the traps of proxies.
 */
export function describeThrown(thrown: unknown, thrower = 'The program'): Thrown {
  const plain = PlainError.describe(thrown);
  if (plain) return plain;
  if (!isErrorLike(thrown)) {
    const message = cut(`${thrower} threw ${shown(thrown)}.`, MAX_MESSAGE);
    return { name: 'Error', message, stack: message };
  }
  const related = relatedErrors(thrown);
  const messages = related.map(({ label, value }) => `${label}: ${headline(value, MAX_RELATED_MESSAGE)}`);
  const stacks = related.map(({ label, value }) => `${label}: ${stackOf(value, MAX_STACK / 4)}`);
  const code = read(thrown, 'code');
  return {
    name: nameOf(thrown),
    message: cut([headline(thrown, MAX_MESSAGE), ...messages].join('; '), MAX_MESSAGE),
    stack: cut([stackOf(thrown, MAX_STACK / (related.length > 0 ? 2 : 1)), ...stacks].join('\n'), MAX_STACK),
    ...(typeof code === 'number' && { code }),
    ...(typeof code === 'string' && { code: cut(code, MAX_NAME) }),
  };
}

/** Reads a property of any value. Returns undefined when reading throws. */
export function read(value: unknown, key: PropertyKey): unknown {
  try {
    return (value as Readonly<Record<PropertyKey, unknown>> | null | undefined)?.[key]; // a primitive has properties too
  } catch {
    return undefined;
  }
}

/** Some values are errors only by their looks: those of another realm, and those that were cloned. */
function isErrorLike(value: unknown): boolean {
  try {
    if (types.isNativeError(value) || value instanceof Error) return true;
  } catch {
    return false; // a proxy
  }
  return typeof read(value, 'message') === 'string' && typeof read(value, 'stack') === 'string';
}

/** Causes, and the errors of AggregateErrors among them. */
function relatedErrors(thrown: unknown): { label: string; value: unknown }[] {
  const related = aggregated(thrown);
  const seen = new Set([thrown]);
  let cause = read(thrown, 'cause');
  for (let i = 0; i < MAX_CAUSES && cause !== undefined && cause !== null && !seen.has(cause); i++) {
    seen.add(cause);
    related.push({ label: 'cause', value: cause }, ...aggregated(cause));
    cause = read(cause, 'cause');
  }
  return related;
}

function aggregated(thrown: unknown): { label: string; value: unknown }[] {
  const errors = read(thrown, 'errors');
  const length = read(errors, 'length');
  if (typeof errors !== 'object' || typeof length !== 'number') return [];
  return Array.from({ length: Math.min(length, MAX_AGGREGATED) || 0 }, (_, i) => ({
    label: `error ${i + 1} of ${length}`,
    value: read(errors, i),
  }));
}

function nameOf(error: unknown): string {
  const name = read(error, 'name');
  if (typeof name === 'string' && name !== '' && name !== 'Error') return cut(name, MAX_NAME);
  const className = read(read(error, 'constructor'), 'name'); // many classes set no name
  return typeof className === 'string' && className !== '' ? cut(className, MAX_NAME) : 'Error';
}

/** BullMQ takes messages that begin with "bullmq:" for commands, so these get their name too. */
function headline(value: unknown, max: number): string {
  if (!isErrorLike(value)) return cut(shown(value), max);
  const given = read(value, 'message') ?? '';
  const message = typeof given === 'string' ? given : shown(given);
  const name = nameOf(value);
  if (message === '') return name;
  return cut(name === 'Error' && !message.startsWith('bullmq:') ? message : `${name}: ${message}`, max);
}

/** A stack begins with the message, so a long message would leave no room for the rest. */
function stackOf(value: unknown, max: number): string {
  const stack = isErrorLike(value) ? read(value, 'stack') : undefined;
  if (typeof stack !== 'string' || stack === '') return headline(value, MAX_MESSAGE);
  const message = read(value, 'message');
  if (stack.length <= max || typeof message !== 'string' || message === '') return cut(stack, max);
  return cut(
    stack.replace(message, () => cut(message, max / 2)),
    max,
  );
}

/** Shows any value in one line, without calling its own functions. */
function shown(value: unknown): string {
  try {
    if (typeof value === 'string') return inspect(cut(value, MAX_MESSAGE));
    const [first, note] = firstProperties(value);
    const options = { depth: 1, customInspect: false, breakLength: Number.POSITIVE_INFINITY };
    const limits = { maxArrayLength: MAX_PROPERTIES, maxStringLength: MAX_RELATED_MESSAGE };
    return `${inspect(first, { ...options, ...limits })}${note}`;
  } catch {
    return `a value of type ${typeof value}`; // a getter of it threw
  }
}

/** `inspect` has no limit of properties: it would take seconds for a million. */
function firstProperties(value: unknown): [first: unknown, note: string] {
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return [value, ''];
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return [value, ''];
  const keys = Object.keys(value);
  if (keys.length <= MAX_PROPERTIES) return [value, ''];
  const first: object = Object.create(Object.getPrototypeOf(value));
  for (const key of keys.slice(0, MAX_PROPERTIES)) {
    Object.defineProperty(first, key, Object.getOwnPropertyDescriptor(value, key) ?? {});
  }
  return [first, ` (the first ${MAX_PROPERTIES} of ${keys.length} properties)`];
}

/** Storing half of a surrogate pair would alter it, and the texts would differ from place to place. */
function cut(text: string, max: number): string {
  if (text.length <= max) return text.toWellFormed();
  const note = `… (${text.length} characters)`;
  return `${text.slice(0, max - note.length).toWellFormed()}${note}`;
}

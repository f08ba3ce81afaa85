import { type JsonListener, readJson } from './json-reader.ts';

/*
 * A digest of a JSON value that does not depend on how it is written: white space, escapes, the order of names. It is
 * the sum of the hashes of all leaves, each with its path. No secret hangs on it: who finds two payloads with one digest
 * can only take his own second task for his first.
 */

/** Reads a valid JSON text, a step at a time, and returns its value's digest. */
export function* digestJson(text: string): Generator<void, string> {
  const digest = new Digest(text);
  yield* readJson(text, { place: 'payload', listener: digest });
  return String(digest.sum);
}

/** Two halves of 32 bits. */
type Hash = readonly [number, number];

interface Level {
  readonly hash: Hash;
  /** The position of the next value: that of an item, or the one that a name gave. */
  next: Hash;
  /** Undefined in an object. */
  index: number | undefined;
}

class Digest implements JsonListener {
  readonly sum: [number, number] = [0, 0];
  readonly #text: string;
  readonly #levels: Level[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  open(isObject: boolean): void {
    const hash = hashOf(isObject ? '{' : '[', this.#position());
    this.#add(hash);
    this.#levels.push({ hash, next: hash, index: isObject ? undefined : 0 });
  }

  close(): void {
    this.#levels.pop();
  }

  name(from: number, end: number): void {
    const level = this.#levels.at(-1);
    if (level) level.next = hashOf(canonical(this.#text.slice(from, end)), level.hash);
  }

  scalar(from: number, end: number): void {
    this.#add(hashOf(canonical(this.#text.slice(from, end)), this.#position()));
  }

  #position(): Hash {
    const level = this.#levels.at(-1);
    if (level === undefined) return [0, 0];
    if (level.index === undefined) return level.next;
    const [a, b] = level.hash;
    const index = level.index++;
    return [mix(a, index), mix(b, ~index)];
  }

  #add([a, b]: Hash): void {
    this.sum[0] = (this.sum[0] + a) | 0;
    this.sum[1] = (this.sum[1] + b) | 0;
  }
}

/** One form for all ways to write a string, number or literal. A string keeps its first quote. */
function canonical(scalar: string): string {
  if (scalar.startsWith('"')) return scalar.includes('\\') ? `"${JSON.parse(scalar)}"` : scalar;
  return /^[tfn]/.test(scalar) ? scalar : String(Number(scalar)); // -0 too is "0", as Redis keeps it
}

function hashOf(text: string, [a, b]: Hash): Hash {
  let [first, second] = [a ^ 0x2f0b4c47, b ^ 0x5a1d3e89];
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    first = Math.imul(first ^ character, 0x9e3779b1);
    second = Math.imul(second ^ character, 0x5f356495);
  }
  return [mix(first, second), mix(second, first)];
}

/** Spreads each bit over all others (the end of MurmurHash 3). */
function mix(hash: number, value: number): number {
  let mixed = Math.imul(hash, 0x85ebca6b) ^ Math.imul(value ^ (value >>> 15), 0xc2b2ae35);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

/* Bodies as large as a limit allows, of every shape that costs a parser more than its bytes. */

export const KIB = 1024;
export const MIB = 1024 * KIB;

/** A text of about so many bytes. */
type Shape = (bytes: number) => string;

/** The items differ within a megabyte. */
const filled = (open: string, close: string, itemAt: (index: number) => string): Shape => {
  return (bytes) => {
    const items: string[] = [];
    for (let i = 0, left = Math.min(bytes, MIB) - 2; ; i++) {
      const item = itemAt(i);
      left -= item.length + 1;
      if (left < 0) break;
      items.push(item);
    }
    const unit = items.join(',');
    return `${open}${`${unit},`.repeat(Math.max(Math.floor(bytes / MIB), 1) - 1)}${unit}${close}`;
  };
};
const listOf = (item: string): Shape => {
  const unit = `${item},`;
  return (bytes) => `[${unit.repeat(Math.floor((bytes - item.length - 2) / unit.length))}${item}]`;
};
const objectOf = (memberAt: (index: number) => string) => filled('{', '}', memberAt);
const stringOf =
  (unit: string): Shape =>
  (bytes) =>
    `"${unit.repeat(Math.floor((bytes - 2) / unit.length))}"`;
const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

/** JSON within the limits of a payload, by what it is made of. */
export const PAYLOAD_SHAPES: Readonly<Record<string, Shape>> = {
  zeros: listOf('0'),
  'empty objects': listOf('{}'),
  'empty lists': listOf('[]'),
  'lists in lists': listOf(nested(30)),
  'small objects': listOf('{"a":1}'),
  'objects of unlike names': filled('[', ']', (i) => `{"${i.toString(36)}":0}`),
  'empty strings': listOf('""'),
  'escaped characters': listOf('"\\u00e9"'),
  'one string': stringOf('a'),
  'one string of escaped quotes': stringOf('\\"'),
  'one string of control characters': stringOf('\\u001f'),
  'exact numbers of 17 digits': listOf('0.12345678901234568'),
  'numbers with exponents': listOf('1e-300'),
  'one number of many digits': (bytes) => `1${'0'.repeat(bytes - 20)}e-${bytes - 20}`,
  'many names': objectOf((i) => `"k${i}":0`),
  'many names of objects': objectOf((i) => `"${i.toString(36)}":{}`),
  'names that are numbers': objectOf((i) => `"${(i * 7_919) % 4_294_967_291}":0`),
  'one name many times': objectOf(() => '"a":0'),
};

/** What no payload may be. */
export const REFUSED_SHAPES: Readonly<Record<string, Shape>> = {
  'deep lists': (bytes) => nested(Math.floor(bytes / 2)),
  'deep lists without an end': (bytes) => '['.repeat(bytes),
  'deep objects': (bytes) => '{"a":'.repeat(Math.floor(bytes / 5)),
  'inexact numbers': listOf('0.1234567890123456789'),
  'an inexact number at the end': (bytes) =>
    `${objectOf((i) => `"k${i}":0`)(bytes - 20).slice(0, -1)},"z":1e400}`,
  'an inexact number below a long name': (bytes) => `{"${'a'.repeat(bytes - 20)}":1e400}`,
  'one number that no double holds': (bytes) => `1${'0'.repeat(bytes - 3)}1`,
  'one number with an exponent of many digits': (bytes) => `1e${'9'.repeat(bytes - 2)}`,
  'a number of the right size that no double holds': (bytes) => `1${'0'.repeat(bytes - 20)}1e-${bytes - 20}`,
  'quotes and nothing else': (bytes) => '"'.repeat(bytes),
  'backslashes and nothing else': (bytes) => '\\'.repeat(bytes),
  'a string without an end': (bytes) => `"${'a'.repeat(bytes - 1)}`,
  'a string of quotes that ends in the middle': (bytes) => `"${'\\"'.repeat(bytes / 2 - 1)}`,
  'white space': (bytes) => ' '.repeat(bytes),
  commas: (bytes) => ','.repeat(bytes),
  zeros: (bytes) => '0'.repeat(bytes),
};

export const ALL_SHAPES: Readonly<Record<string, Shape>> = {
  ...PAYLOAD_SHAPES,
  ...Object.fromEntries(Object.entries(REFUSED_SHAPES).map(([name, shape]) => [`not valid: ${name}`, shape])),
};

/** A body as the one chunk after the other, without a length. */
export function* chunked(body: Buffer, chunkBytes = 64 * KIB): Generator<Buffer | string> {
  for (let at = 0; at < body.length; at += chunkBytes) {
    const chunk = body.subarray(at, at + chunkBytes);
    yield `${chunk.length.toString(16)}\r\n`;
    yield chunk;
    yield '\r\n';
  }
  yield '0\r\n\r\n';
}

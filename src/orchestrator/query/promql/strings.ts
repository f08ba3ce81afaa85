const ESCAPES: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|([\s\S]))/g;

/** What a string literal of PromQL stands for. Bytes above 0x7f that are given one by one come as U+00XX. */
export function stringValue(literal: string): string {
  const text = literal.slice(1, -1);
  if (literal.startsWith('`')) return text.replaceAll('\r', ''); // as Go reads it
  return text.replace(ESCAPE, (_, byte, short, long, octal, character: string) => {
    if (character !== undefined) return ESCAPES[character] ?? character;
    const code = octal === undefined ? Number.parseInt(byte ?? short ?? long, 16) : Number.parseInt(octal, 8);
    return code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
  });
}

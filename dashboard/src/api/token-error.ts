/** What a header can carry after `Bearer `. With any other character the browser sends no request at all. */
const TOKEN = /^[\x21-\x7e]+$/;

/** What is wrong with a token that the operator typed; undefined if nothing is. */
export function tokenError(text: string): string | undefined {
  if (TOKEN.test(text)) return undefined;
  const [wrong] = text.match(/[^\x21-\x7e]/u) ?? [];
  const expected = 'Expected ASCII letters, digits and signs, without spaces';
  if (wrong === undefined) return `${expected}.`;
  const code = (wrong.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return `${expected}; got ${/\s/.test(wrong) ? 'a space' : `“${wrong}”`} (U+${code}).`;
}

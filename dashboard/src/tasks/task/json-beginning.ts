type Members = readonly unknown[] | Readonly<Record<string, unknown>>;

/**
 * Returns the first `limit` characters of `JSON.stringify(value, null, 2)`, and walks through no more of the value than
 * that takes. The value is one that JSON.parse returned.
 */
export function jsonBeginning(value: unknown, limit: number): string {
  let text = '';
  const write = (part: unknown, indent: string) => {
    if (typeof part === 'string') text += JSON.stringify(part.slice(0, limit));
    else if (typeof part !== 'object' || part === null) text += JSON.stringify(part);
    else writeMembers(part as Members, indent); // neither a string, a number, a boolean nor null
  };
  const writeMembers = (parts: Members, indent: string) => {
    const isList = Array.isArray(parts);
    const names = isList ? parts.keys() : Object.keys(parts);
    const inner = `${indent}  `;
    let isEmpty = true;
    text += isList ? '[' : '{';
    for (const name of names) {
      if (text.length >= limit) return;
      text += isEmpty ? `\n${inner}` : `,\n${inner}`;
      if (typeof name === 'string') text += `${JSON.stringify(name.slice(0, limit))}: `;
      write(parts[name as keyof Members], inner);
      isEmpty = false;
    }
    text += `${isEmpty ? '' : `\n${indent}`}${isList ? ']' : '}'}`;
  };
  write(value, '');
  return text.slice(0, limit);
}

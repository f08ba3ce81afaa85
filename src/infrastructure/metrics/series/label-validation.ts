const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** Text of a value for an error message; never throws. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(describe).join(', ')}]`;
  if (typeof value === 'object' && value !== null)
    return `an object with the keys ${describe(Object.keys(value))}`;
  return typeof value === 'function' ? 'a function' : String(value);
}

/** Throws unless the names are valid and unique. `__…` is reserved, and so are the type's own (`le`). */
export function checkLabelNames(
  metric: string,
  names: readonly unknown[],
  reserved: readonly string[],
): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (typeof name !== 'string' || !LABEL_NAME.test(name)) {
      throw new TypeError(`${metric}: expected label names like status_code; got ${describe(name)}`);
    }
    if (name.startsWith('__') || reserved.includes(name)) {
      throw new TypeError(`${metric}: expected label names that are not reserved; got ${name}`);
    }
    if (seen.has(name)) throw new TypeError(`${metric}: expected each label name once; got ${name} twice`);
    seen.add(name);
  }
}

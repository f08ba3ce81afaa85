const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** Text of a value for an error message; never throws. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(describe).join(', ')}]`;
  if (typeof value === 'object' && value !== null)
    return `an object with the keys ${describe(Object.keys(value))}`;
  return typeof value === 'function' ? 'a function' : String(value);
}

/** Throws unless the name is one of Prometheus's data model, without the UTF-8 extension. */
export function checkMetricName(name: unknown): void {
  if (typeof name !== 'string' || !METRIC_NAME.test(name)) {
    throw new TypeError(`expected a metric name like http_requests_total; got ${describe(name)}`);
  }
}

/** Throws unless the help is a text that says something. */
export function checkHelp(name: string, help: unknown): void {
  if (typeof help !== 'string' || help === '') {
    throw new TypeError(`${name}: expected a help text; got ${describe(help)}`);
  }
}

/** Throws unless the option is as expected. */
export function checkOption(metric: string, expected: string, isValid: boolean, given: unknown): void {
  if (!isValid) throw new TypeError(`${metric}: expected ${expected}; got ${describe(given)}`);
}

/** Throws unless the names are valid, unique, and neither `__…` nor among the type's own (`le`). */
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
      throw new TypeError(`${metric}: the label name ${name} is reserved; choose another`);
    }
    if (seen.has(name)) throw new TypeError(`${metric}: expected each label name once; got ${name} twice`);
    seen.add(name);
  }
}

/** Throws unless the bounds are finite and ascending; +Inf is always there and never given. */
export function checkBuckets(metric: string, buckets: readonly unknown[]): void {
  buckets.forEach((bound, index) => {
    const previous = buckets[index - 1];
    const ascends = index === 0 || Number(bound) > Number(previous);
    if (typeof bound !== 'number' || !Number.isFinite(bound) || !ascends) {
      throw new TypeError(
        `${metric}: expected finite bucket bounds in ascending order, each once, without +Inf; ` +
          `got ${describe(bound)} at position ${index} of ${describe(buckets)}`,
      );
    }
  });
}

/**
 * Looks up a bound child once for each value of one label. For instruments whose other labels are fixed, and
 * whose one label has few values.
 */
export function childrenByLabel<C>(bind: (value: string) => C): (value: string) => C {
  const children = new Map<string, C>();
  return (value) => {
    let child = children.get(value);
    if (child === undefined) {
      child = bind(value);
      children.set(value, child);
    }
    return child;
  };
}

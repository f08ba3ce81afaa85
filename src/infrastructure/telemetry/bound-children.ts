/** Looks a child up once for each value: for labels of which all but one are fixed, and that one has few values. */
export function boundBy<C>(bind: (value: string) => C): (value: string) => C {
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

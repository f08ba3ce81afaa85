import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';

export interface LazyComponent<P> {
  /** Undefined until its chunk has loaded. */
  readonly Component: ComponentType<P> | undefined;
  readonly hasFailed: boolean;
}

/** Loads a component from a chunk of its own when the caller is mounted. */
export function useLazyComponent<P>(load: () => Promise<ComponentType<P>>): LazyComponent<P> {
  const [Component, setComponent] = useState<ComponentType<P>>();
  const [hasFailed, setFailed] = useState(false);
  useEffect(() => {
    load().then(
      (component) => setComponent(() => component),
      () => setFailed(true),
    );
  }, []);
  return { Component, hasFailed };
}

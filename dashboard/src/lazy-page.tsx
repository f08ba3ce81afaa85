import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { EmptyState } from './ui/empty-state.tsx';

export interface LazyPageProps {
  /** Loads the page's chunk. */
  readonly load: () => Promise<ComponentType>;
}

/** A page that is loaded when it is first visited. Give it a key. */
export function LazyPage({ load }: LazyPageProps) {
  const [Loaded, setLoaded] = useState<ComponentType>();
  const [error, setError] = useState<string>();
  useEffect(() => {
    load().then(
      (component) => setLoaded(() => component),
      (reason) => setError(String(reason)),
    );
  }, []);
  if (error !== undefined) {
    return (
      <EmptyState icon="warning" tone="failure" title="This page could not be loaded">
        A new version may have been installed: reload to get it.
      </EmptyState>
    );
  }
  return Loaded === undefined ? <p class="page-loading">Loading…</p> : <Loaded />;
}

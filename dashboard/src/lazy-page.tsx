import type { ComponentType } from 'preact';
import { EmptyState } from './ui/empty-state.tsx';
import { useLoaded } from './use-loaded.ts';

export interface LazyPageProps {
  /** Loads the page's chunk. */
  readonly load: () => Promise<ComponentType>;
}

/** A page that is loaded when it is first visited. Give it a key. */
export function LazyPage({ load }: LazyPageProps) {
  const { Component, hasFailed } = useLoaded(load);
  if (hasFailed) {
    return (
      <EmptyState icon="warning" tone="failure" title="This page could not be loaded">
        A new version may have been installed: reload to get it.
      </EmptyState>
    );
  }
  return Component === undefined ? <p class="page-loading">Loading…</p> : <Component />;
}

import './lazy-page.css';
import type { ComponentType } from 'preact';
import { EmptyState } from '../ui/status/empty-state.tsx';
import { useLazyComponent } from './use-lazy-component.ts';

export interface LazyPageProps {
  /** Loads the page's chunk. */
  readonly load: () => Promise<ComponentType>;
}

/** A page that is loaded when it is first visited. Give it a key. */
export function LazyPage({ load }: LazyPageProps) {
  const { Component, hasFailed } = useLazyComponent(load);
  if (hasFailed) {
    return (
      <EmptyState icon="warning" tone="failure" title="This page could not be loaded">
        A new version may have been installed: reload to get it.
      </EmptyState>
    );
  }
  return Component === undefined ? <p class="page-loading">Loading…</p> : <Component />;
}

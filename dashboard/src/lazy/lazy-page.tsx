import './lazy-page.css';
import type { ComponentType } from 'preact';
import { EmptyState } from '../ui/status/empty-state.tsx';
import { useLazyComponent } from './use-lazy-component.ts';

export interface LazyPageProps {
  /** Loads the page's chunk. */
  readonly load: () => Promise<ComponentType>;
}

/** A page whose chunk loads at the first visit. Each page needs a key of its own. */
export function LazyPage({ load }: LazyPageProps) {
  const { Component, hasFailed } = useLazyComponent(load);
  if (hasFailed) {
    return (
      <EmptyState icon="warning" tone="failure" title="This page could not be loaded">
        There may be a new version: reload to get it.
      </EmptyState>
    );
  }
  return Component === undefined ? <p class="page-loading">Loading…</p> : <Component />;
}

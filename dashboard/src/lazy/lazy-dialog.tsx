import type { ComponentType } from 'preact';
import { Dialog } from '../ui/dialogs/dialog.tsx';
import { useLazyComponent } from './use-lazy-component.ts';

interface Closable {
  readonly onClose: () => void;
}

/** A dialog whose chunk loads when it is first opened: the first load of the page does not include it. */
export function lazyDialog<P extends Closable>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  return function LazyDialog(props: P) {
    const { Component, hasFailed } = useLazyComponent(load);
    if (hasFailed) {
      return (
        <Dialog title="This could not be loaded" onClose={props.onClose}>
          <p>There may be a new version: reload the page to get it.</p>
        </Dialog>
      );
    }
    return Component === undefined ? null : <Component {...props} />;
  };
}

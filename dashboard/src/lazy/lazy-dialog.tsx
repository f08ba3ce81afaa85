import type { ComponentType } from 'preact';
import { Dialog } from '../ui/dialogs/dialog.tsx';
import { useLazyComponent } from './use-lazy-component.ts';

interface Closable {
  readonly onClose: () => void;
}

/** A dialog whose chunk is loaded when it is first opened: what few open, none waits for. */
export function lazyDialog<P extends Closable>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  return function LazyDialog(props: P) {
    const { Component, hasFailed } = useLazyComponent(load);
    if (hasFailed) {
      return (
        <Dialog title="This could not be loaded" onClose={props.onClose}>
          <p>A new version may have been installed: reload the page to get it.</p>
        </Dialog>
      );
    }
    return Component === undefined ? null : <Component {...props} />;
  };
}

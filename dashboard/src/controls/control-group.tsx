import './control-group.css';
import type { ComponentChildren } from 'preact';

/** Controls that belong together, without gaps between them. */
export function ControlGroup({ children }: { readonly children: ComponentChildren }) {
  return <div class="control-group">{children}</div>;
}

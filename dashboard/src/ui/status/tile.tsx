import './tile.css';
import type { ComponentChildren } from 'preact';

export interface TilesProps {
  /** The class that gives the columns. */
  readonly class: string;
  readonly children: ComponentChildren;
}

/** Tiles side by side in one frame; each is an element of the class `tile`. */
export function Tiles({ class: columnsClass, children }: TilesProps) {
  return <div class={`tiles ${columnsClass}`}>{children}</div>;
}

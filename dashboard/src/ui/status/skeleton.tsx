import './skeleton.css';

export interface SkeletonProps {
  /** The class that gives it a size. */
  readonly class: string;
  readonly height?: number;
  /** For screen readers. */
  readonly text?: string;
}

/** Stands in the place of what is still loading. */
export function Skeleton({ class: sizeClass, height, text }: SkeletonProps) {
  return (
    <div class={`skeleton ${sizeClass}`} {...(height !== undefined && { style: { height: `${height}px` } })}>
      {text !== undefined && <span class="visually-hidden">{text}</span>}
    </div>
  );
}

import './badge.css';
import type { ComponentChildren } from 'preact';
import type { Tone } from './tone.ts';

export interface BadgeProps {
  readonly tone: Tone;
  readonly children: ComponentChildren;
  readonly title?: string;
}

/** A state as a word, with its dot. */
export function Badge({ tone, children, title }: BadgeProps) {
  return (
    <span class={`badge tone-${tone}`} title={title}>
      <StatusDot tone={tone} />
      {children}
    </span>
  );
}

/**
 * Each tone has a shape, so that colour never says something alone: a disc, a triangle, a diamond, a half disc and a
 * hollow ring. Screen readers skip it: put the state in words beside it.
 */
export function StatusDot({ tone }: { readonly tone: Tone }) {
  return (
    <svg class={`status-dot tone-${tone}`} viewBox="0 0 12 12" aria-hidden="true" focusable="false">
      <path d={SHAPES[tone]} />
    </svg>
  );
}

const SHAPES: Readonly<Record<Tone, string>> = {
  success: 'M6 1.5a4.5 4.5 0 1 1 0 9a4.5 4.5 0 0 1 0-9z',
  warning: 'M6 1l5.2 9.5H.8z',
  failure: 'M6 .4L11.6 6 6 11.6.4 6z',
  active: 'M6 1.5a4.5 4.5 0 1 1 0 9a4.5 4.5 0 0 1 0-9zM6 3a3 3 0 0 1 0 6z',
  neutral: 'M6 1.5a4.5 4.5 0 1 1 0 9a4.5 4.5 0 0 1 0-9zM6 3a3 3 0 1 0 0 6a3 3 0 0 0 0-6z',
};

import './empty-state.css';
import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from '../buttons/icon.tsx';

export interface EmptyStateProps {
  readonly icon?: IconName;
  readonly title: string;
  /** Why, or what to do. */
  readonly children?: ComponentChildren;
  readonly tone?: 'neutral' | 'failure';
  /** Whether the children need the whole width. */
  readonly isWide?: boolean;
}

/** Says that there is nothing, or why it cannot be shown, in the place of the data. */
export function EmptyState(props: EmptyStateProps) {
  const { icon = 'empty', title, children, tone = 'neutral', isWide = false } = props;
  return (
    <div class={`empty-state tone-${tone}${isWide ? ' empty-state-wide' : ''}`}>
      <Icon name={icon} />
      <p class="empty-state-title">{title}</p>
      {children !== undefined && <div class="empty-state-text">{children}</div>}
    </div>
  );
}

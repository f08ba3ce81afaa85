import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from '../buttons/icon.tsx';

export interface EmptyStateProps {
  readonly icon?: IconName;
  readonly title: string;
  /** Why, or what to do. */
  readonly children?: ComponentChildren;
  readonly tone?: 'neutral' | 'failure';
}

/** Says that there is nothing, or why it cannot be shown, in the place where it would be. */
export function EmptyState({ icon = 'empty', title, children, tone = 'neutral' }: EmptyStateProps) {
  return (
    <div class={`empty-state tone-${tone}`}>
      <Icon name={icon} />
      <p class="empty-state-title">{title}</p>
      {children !== undefined && <div class="empty-state-text">{children}</div>}
    </div>
  );
}

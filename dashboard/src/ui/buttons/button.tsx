import './button.css';
import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icon.tsx';

export interface ButtonProps {
  readonly children?: ComponentChildren;
  readonly icon?: IconName;
  /** What the button does; needed if it has no text. It is the tooltip as well. */
  readonly label?: string;
  /** The tooltip of a button with text. */
  readonly title?: string;
  readonly kind?: 'plain' | 'primary' | 'danger' | 'quiet';
  readonly isPressed?: boolean;
  readonly isDisabled?: boolean;
  /** Whether the button gets the focus when its dialog opens. */
  readonly hasInitialFocus?: boolean;
  readonly type?: 'button' | 'submit';
  readonly class?: string;
  readonly onClick?: (event: MouseEvent) => void;
}

export function Button(props: ButtonProps) {
  const { children, icon, label, kind = 'plain', isPressed, isDisabled, type = 'button', onClick } = props;
  const isIconOnly = children === undefined;
  return (
    <button
      type={type}
      class={`button button-${kind}${isIconOnly ? ' button-icon' : ''} ${props.class ?? ''}`}
      aria-label={label}
      title={props.title ?? label}
      aria-pressed={isPressed}
      disabled={isDisabled}
      data-initial-focus={props.hasInitialFocus}
      onClick={onClick}
    >
      {icon !== undefined && <Icon name={icon} />}
      {children}
    </button>
  );
}

export interface LinkButtonProps {
  readonly href: string;
  readonly icon: IconName;
  readonly label: string;
}

/** A link that looks like an icon button. */
export function LinkButton({ href, icon, label }: LinkButtonProps) {
  return (
    <a class="button button-quiet button-icon" href={href} aria-label={label} title={label}>
      <Icon name={icon} />
    </a>
  );
}

export interface TextButtonProps {
  readonly children: ComponentChildren;
  readonly onClick: () => void;
}

/** A button that looks like a link, within a line of text. */
export function TextButton({ children, onClick }: TextButtonProps) {
  return (
    <button type="button" class="text-button" onClick={onClick}>
      {children}
    </button>
  );
}

import './form.css';
import type { ComponentChildren } from 'preact';

interface ChildrenProps {
  readonly children: ComponentChildren;
}

/** A label around its input. */
export function Field({ children }: ChildrenProps) {
  // biome-ignore lint/a11y/noLabelWithoutControl: the input is among the children
  return <label class="field">{children}</label>;
}

export interface FieldErrorProps {
  /** For the input's aria-describedby. */
  readonly id?: string;
  /** Whether screen readers say the error as soon as it appears. */
  readonly isAlert?: boolean;
  readonly children: ComponentChildren;
}

/** What is wrong with an input or with a form. It takes its place even when empty: nothing moves. */
export function FieldError({ id, isAlert = false, children }: FieldErrorProps) {
  return (
    <p id={id} class="field-error" {...(isAlert && { role: 'alert' })}>
      {children}
    </p>
  );
}

/** The buttons at the end of a form. */
export function FormActions({ children }: ChildrenProps) {
  return <div class="form-actions">{children}</div>;
}

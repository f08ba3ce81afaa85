import './dialog.css';
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Button } from '../buttons/button.tsx';
import { FormActions } from '../forms/form.tsx';

export interface DialogProps {
  readonly title: string;
  readonly children: ComponentChildren;
  /** Beside the title. */
  readonly actions?: ComponentChildren;
  readonly size?: 'small' | 'large';
  /** Whether the operator wrote something that closing would lose. The dialog then asks first. */
  readonly isDirty?: boolean;
  /** Called on Escape, on the cross, and on a click beside the dialog. */
  readonly onClose: () => void;
}

/** The browser's own modal dialog: it keeps the focus inside and gives it back at the end. Mount it to open it. */
export function Dialog({ title, children, actions, size = 'small', isDirty = false, onClose }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const [isConfirming, setConfirming] = useState(false);
  const close = () => (isDirty ? setConfirming(true) : onClose());
  const isGone = useRef(false);
  useEffect(() => {
    const element = dialog.current;
    const opener = document.activeElement;
    element?.showModal();
    if (element !== null) focusFirst(element);
    return () => {
      isGone.current = true;
      element?.close();
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  }, []);
  const beside = useClickBeside(dialog, close);
  return (
    <dialog
      ref={dialog}
      class={`dialog dialog-${size}`}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onClose={() => {
        // Browsers send `cancel` once only: a second Escape closes the dialog whatever the first one led to.
        if (isGone.current) return;
        if (isDirty) dialog.current?.showModal();
        close();
      }}
      {...beside}
    >
      <div class="dialog-body">
        <div class="dialog-head">
          <h2 id={titleId} tabIndex={-1}>
            {title}
          </h2>
          <div class="dialog-actions">
            {actions}
            <Button kind="quiet" icon="cross" label="Close" onClick={close} />
          </div>
        </div>
        {children}
      </div>
      {isConfirming && <DiscardQuestion onDiscard={onClose} onKeep={() => setConfirming(false)} />}
    </dialog>
  );
}

interface DiscardQuestionProps {
  readonly onDiscard: () => void;
  readonly onKeep: () => void;
}

function DiscardQuestion({ onDiscard, onKeep }: DiscardQuestionProps) {
  return (
    <Dialog title="Discard what you wrote?" onClose={onKeep}>
      <FormActions>
        <Button hasInitialFocus onClick={onKeep}>
          Keep writing
        </Button>
        <Button kind="danger" onClick={onDiscard}>
          Discard
        </Button>
      </FormActions>
    </Dialog>
  );
}

/** Calls `onClick` when press and release are both beside the dialog: dragging a selection out of it must not close it. */
function useClickBeside(dialog: { readonly current: HTMLElement | null }, onClick: () => void) {
  const isBeside = useRef(false);
  return {
    onPointerDown: (event: PointerEvent) => {
      isBeside.current = event.target === dialog.current;
    },
    onPointerUp: (event: PointerEvent) => {
      isBeside.current &&= event.target === dialog.current;
    },
    onClick: (event: MouseEvent) => {
      if (isBeside.current && event.target === dialog.current) onClick();
    },
  };
}

/** Focuses the first field of a form, else the element that asks for it, else the title; never the cross. */
function focusFirst(dialog: HTMLElement): void {
  const first =
    dialog.querySelector<HTMLElement>('form :is(input, select, textarea)') ??
    dialog.querySelector<HTMLElement>('[data-initial-focus]') ??
    dialog.querySelector<HTMLElement>('h2');
  first?.focus();
}

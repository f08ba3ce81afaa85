import './confirm-dialog.css';
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Button } from '../buttons/button.tsx';
import { FieldError, FormActions } from '../forms/form.tsx';
import { Dialog } from './dialog.tsx';

export interface ConfirmDialogProps {
  readonly title: string;
  readonly children: ComponentChildren;
  readonly confirm: string;
  readonly kind?: 'primary' | 'danger';
  /** What the confirm button does. If it fails, the dialog stays and shows the error. */
  readonly onConfirm: () => Promise<unknown>;
  readonly onClose: () => void;
}

/** Asks before the operator does something that others notice. */
export function ConfirmDialog({
  title,
  children,
  confirm,
  kind = 'primary',
  onConfirm,
  onClose,
}: ConfirmDialogProps) {
  const [error, setError] = useState('');
  const [isBusy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    try {
      await onConfirm();
      onClose();
    } catch (problem) {
      setError((problem as Error).message);
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <div class="confirm-text">{children}</div>
      <FieldError isAlert>{error}</FieldError>
      <FormActions>
        <Button hasInitialFocus onClick={onClose}>
          Keep as it is
        </Button>
        <Button kind={kind} isDisabled={isBusy} onClick={() => void run()}>
          {confirm}
        </Button>
      </FormActions>
    </Dialog>
  );
}

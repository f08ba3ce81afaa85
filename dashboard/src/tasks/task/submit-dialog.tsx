import './submit-dialog.css';
import { useId, useRef, useState } from 'preact/hooks';
import type { TaskSummary } from '../../../../src/shared/http-contract/tasks.ts';
import { getJson } from '../../api/client.ts';
import { refreshAll } from '../../api/use-live-data.ts';
import { navigate } from '../../navigation/router.ts';
import { Button } from '../../ui/buttons/button.tsx';
import { Dialog } from '../../ui/dialogs/dialog.tsx';
import { FieldError, FormActions } from '../../ui/forms/form.tsx';
import { announce } from '../../ui/status/announce.tsx';
import { hrefTo } from '../../view/view.ts';
import { EMPTY_FORM, type FormErrors, newIdempotencyKey, readForm, type TaskForm } from './task-form.ts';

/** A form for one task. If it is sent again unchanged, as after a lost response, it makes no second task. */
export function SubmitDialog({ onClose }: { readonly onClose: () => void }) {
  const [form, setForm] = useState<TaskForm>(EMPTY_FORM);
  const [errors, setErrors] = useState<FormErrors>({});
  const [refusal, setRefusal] = useState('');
  const [isBusy, setBusy] = useState(false);
  const key = useRef(newIdempotencyKey());
  const change = (name: keyof TaskForm) => (value: string) => {
    key.current = newIdempotencyKey();
    setForm({ ...form, [name]: value });
    setErrors({ ...errors, [name]: undefined });
  };
  const submit = async (event: Event) => {
    event.preventDefault();
    const { request, errors: found } = readForm(form);
    setErrors(found);
    setRefusal('');
    if (request === undefined) return;
    setBusy(true);
    try {
      const headers = { 'idempotency-key': key.current };
      const task = await getJson<TaskSummary>('/api/tasks', { method: 'POST', body: request, headers });
      announce('The task is submitted');
      onClose();
      navigate(hrefTo(`/tasks/${encodeURIComponent(task.id)}`));
      refreshAll();
    } catch (error) {
      setRefusal((error as Error).message);
      setBusy(false);
    }
  };
  const isDirty = Object.entries(EMPTY_FORM).some(([name, empty]) => form[name as keyof TaskForm] !== empty);
  const field = (name: keyof TaskForm) => ({
    value: form[name],
    error: errors[name],
    onInput: change(name),
  });
  return (
    <Dialog title="Submit a task" isDirty={isDirty} onClose={onClose}>
      <form class="task-form" noValidate onSubmit={(event) => void submit(event)}>
        <TaskField label="Event type" placeholder="repository.report" {...field('eventType')} />
        <TaskField label="Payload (JSON)" isLong {...field('payload')} />
        <div class="task-form-row">
          <TaskField label="Priority" placeholder="0 (runs first)" isNumber {...field('priority')} />
          <TaskField label="Delay (s)" placeholder="none" isNumber {...field('delaySeconds')} />
          <TaskField
            label="Maximum attempts"
            placeholder="as configured"
            isNumber
            {...field('maxAttempts')}
          />
        </div>
        <FieldError isAlert>{refusal}</FieldError>
        <FormActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" isDisabled={isBusy}>
            Submit
          </Button>
        </FormActions>
      </form>
    </Dialog>
  );
}

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly error: string | undefined;
  readonly onInput: (value: string) => void;
  readonly placeholder?: string;
  readonly isLong?: boolean;
  readonly isNumber?: boolean;
}

function TaskField({
  label,
  value,
  error,
  onInput,
  placeholder,
  isLong = false,
  isNumber = false,
}: FieldProps) {
  const id = useId();
  const errorId = `${id}-error`;
  const common = {
    id,
    value,
    placeholder,
    spellcheck: false,
    'aria-describedby': errorId,
    'aria-invalid': error !== undefined,
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {isLong ? (
        <textarea {...common} rows={6} onInput={(event) => onInput(event.currentTarget.value)} />
      ) : (
        <input
          {...common}
          autocomplete="off"
          inputMode={isNumber ? 'decimal' : 'text'}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
      )}
      <FieldError id={errorId}>{error}</FieldError>
    </div>
  );
}

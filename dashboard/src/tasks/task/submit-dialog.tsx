import './submit-dialog.css';
import { useRef, useState } from 'preact/hooks';
import type { EventTypeList } from '../../../../src/shared/http-contract/event-types.ts';
import type { TaskSummary } from '../../../../src/shared/http-contract/tasks.ts';
import { ApiError } from '../../api/api-error.ts';
import { getJson } from '../../api/client.ts';
import { refreshAll, useLiveData } from '../../api/use-live-data.ts';
import { visibleJson } from '../../format/visible-text.ts';
import { navigate } from '../../navigation/router.ts';
import { Button } from '../../ui/buttons/button.tsx';
import { Dialog } from '../../ui/dialogs/dialog.tsx';
import { FieldError, FormActions } from '../../ui/forms/form.tsx';
import { announce } from '../../ui/status/announce.tsx';
import { hrefTo } from '../../view/view.ts';
import { PayloadField } from './payload-field.tsx';
import { PayloadHelp } from './payload-help.tsx';
import { examplePayload, payloadFields, type Schema } from './payload-schema.ts';
import { TaskField } from './task-field.tsx';
import { EMPTY_FORM, type FormErrors, newIdempotencyKey, readForm, type TaskForm } from './task-form.ts';

const loadEventTypes = (signal: AbortSignal) => getJson<EventTypeList>('/api/event-types', { signal });

export interface SubmitDialogProps {
  readonly title?: string;
  /** What the fields begin with. */
  readonly initial?: TaskForm;
  readonly onClose: () => void;
}

/**
 * A form for one task, with what its handler says of the payload. If it is sent again unchanged, as after a lost
 * response, it makes no second task.
 */
export function SubmitDialog({ title = 'Submit a task', initial = EMPTY_FORM, onClose }: SubmitDialogProps) {
  const [form, setForm] = useState<TaskForm>(initial);
  const [errors, setErrors] = useState<FormErrors>({});
  const [refusal, setRefusal] = useState('');
  const [isBusy, setBusy] = useState(false);
  const first = useRef(initial);
  const key = useRef(newIdempotencyKey());
  const { live } = useLiveData({ key: 'event-types', load: loadEventTypes, refreshSeconds: 0 });
  const types = live.data?.event_types ?? []; // the form works without them
  const schemaOf = (type: string) =>
    types.find(({ event_type }) => event_type === type)?.payload_schema as Schema | null | undefined; // as the API says
  const schema = schemaOf(form.eventType) ?? undefined;
  const change = (name: keyof TaskForm) => (value: string) => {
    key.current = newIdempotencyKey();
    const next = { ...form, [name]: value };
    const isUntouched = form.payload === exampleText(schema);
    if (name === 'eventType' && isUntouched) next.payload = exampleText(schemaOf(value) ?? undefined);
    setForm(next);
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
      const { message } = error as Error;
      const isOfPayload = error instanceof ApiError && error.code === 'ASDLC_PAYLOAD_INVALID';
      if (isOfPayload) setErrors({ payload: message });
      else setRefusal(message);
      setBusy(false);
    }
  };
  const isDirty = Object.entries(first.current).some(
    ([name, value]) => form[name as keyof TaskForm] !== value,
  );
  const field = (name: keyof TaskForm) => ({
    value: form[name],
    error: errors[name],
    onInput: change(name),
  });
  return (
    <Dialog title={title} isDirty={isDirty} onClose={onClose}>
      <form class="task-form" noValidate onSubmit={(event) => void submit(event)}>
        <TaskField
          label="Event type"
          placeholder="repository.report"
          choices={types.map(({ event_type }) => event_type)}
          {...field('eventType')}
        />
        <PayloadField {...field('payload')} />
        {schema !== undefined && (
          <PayloadHelp
            eventType={form.eventType}
            schema={schema}
            fields={payloadFields(schema)}
            error={errors.payload}
          />
        )}
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

/** What the field of the payload has until the operator writes there. */
function exampleText(schema: Schema | undefined): string {
  return schema === undefined
    ? EMPTY_FORM.payload
    : visibleJson(JSON.stringify(examplePayload(schema), null, 2));
}

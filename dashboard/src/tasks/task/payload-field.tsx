import { useMemo, useState } from 'preact/hooks';
import { visibleText } from '../../format/visible-text.ts';
import { Button } from '../../ui/buttons/button.tsx';
import { FieldError } from '../../ui/forms/form.tsx';
import { beginningOf, isLongText, partShown } from './long-text.ts';
import { TaskField, type TaskFieldProps } from './task-field.tsx';
import { editablePayload } from './task-form.ts';

type PayloadFieldProps = Pick<TaskFieldProps, 'value' | 'error' | 'onInput'>;

/** The field of the payload. A long one that the form begins with is sent as it is, unless the operator wants to edit it. */
export function PayloadField(field: PayloadFieldProps) {
  const [isOpen, setOpen] = useState(() => !isLongText(field.value));
  /** The same payload as the form's, until the operator changes it. */
  const [opened, setOpened] = useState({ json: '', text: '' });
  if (isOpen) {
    const value = field.value === opened.json ? opened.text : field.value;
    return <TaskField label="Payload (JSON)" isLong {...field} value={value} />;
  }
  const edit = () => {
    setOpened({ json: field.value, text: editablePayload(field.value) });
    setOpen(true);
  };
  return <LongPayload text={field.value} error={field.error} onEdit={edit} />;
}

interface LongPayloadProps {
  readonly text: string;
  readonly error: string | undefined;
  readonly onEdit: () => void;
}

function LongPayload({ text, error, onEdit }: LongPayloadProps) {
  const [shown, part] = useMemo(() => [visibleText(beginningOf(text)), partShown(text)], [text]);
  return (
    <section class="long-payload" aria-label="Payload (JSON)">
      <header>
        <h3>Payload (JSON)</h3>
        <Button onClick={onEdit}>Edit</Button>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <pre tabIndex={0}>
        <bdi>{shown}</bdi>…
      </pre>
      <p class="long-payload-part">{part} The whole payload is sent.</p>
      <FieldError isAlert>{error}</FieldError>
    </section>
  );
}

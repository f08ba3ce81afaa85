import { useId } from 'preact/hooks';
import { FieldError } from '../../ui/forms/form.tsx';

export interface TaskFieldProps {
  readonly label: string;
  readonly value: string;
  readonly error: string | undefined;
  readonly onInput: (value: string) => void;
  readonly placeholder?: string;
  readonly choices?: readonly string[];
  readonly isLong?: boolean;
  readonly isNumber?: boolean;
}

/** A labelled input of the form, with what is wrong below it. */
export function TaskField({
  label,
  value,
  error,
  onInput,
  placeholder,
  choices = [],
  isLong = false,
  isNumber = false,
}: TaskFieldProps) {
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
          list={choices.length > 0 ? `${id}-choices` : undefined}
          inputMode={isNumber ? 'decimal' : 'text'}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
      )}
      {choices.length > 0 && (
        <datalist id={`${id}-choices`}>
          {choices.map((choice) => (
            <option key={choice} value={choice} />
          ))}
        </datalist>
      )}
      <FieldError id={errorId}>{error}</FieldError>
    </div>
  );
}

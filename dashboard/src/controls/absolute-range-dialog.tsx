import './absolute-range-dialog.css';
import { useId, useState } from 'preact/hooks';
import { formatTime } from '../format/time.ts';
import { Button } from '../ui/buttons/button.tsx';
import { Dialog } from '../ui/dialogs/dialog.tsx';
import { Field, FieldError, FormActions } from '../ui/forms/form.tsx';
import { windowOf } from '../view/time-window.ts';
import { changeView, isUtc, view } from '../view/view.ts';
import { windowProblem } from '../view/view-parameters.ts';

/** Asks for two times, in the time zone of the page. */
export function AbsoluteRangeDialog({ onClose }: { readonly onClose: () => void }) {
  const [shown] = useState(() => windowOf(view.value, Date.now() / 1000));
  const [from, setFrom] = useState(asInput(shown.start));
  const [to, setTo] = useState(asInput(shown.end));
  const [error, setError] = useState('');
  const errorId = useId();

  const apply = (event: Event) => {
    event.preventDefault();
    const window = { start: fromInput(from, shown.start), end: fromInput(to, shown.end) };
    const problem = windowProblem(window);
    if (problem !== null) {
      setError(problem);
      return;
    }
    changeView({ window });
    onClose();
  };

  return (
    <Dialog title="Absolute time range" onClose={onClose}>
      <form class="range-form" onSubmit={apply}>
        <div class="range-form-fields">
          <TimeField label="From" value={from} onInput={setFrom} errorId={errorId} />
          <TimeField label="To" value={to} onInput={setTo} errorId={errorId} />
        </div>
        <FieldError id={errorId} isAlert>
          {error}
        </FieldError>
        <FormActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit">
            Apply
          </Button>
        </FormActions>
      </form>
    </Dialog>
  );
}

interface TimeFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly errorId: string;
}

function TimeField({ label, value, onInput, errorId }: TimeFieldProps) {
  return (
    <Field>
      {label} ({isUtc.value ? 'UTC' : 'local time'})
      <input
        type="datetime-local"
        step="1"
        required
        value={value}
        aria-describedby={errorId}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </Field>
  );
}

function asInput(seconds: number): string {
  return formatTime(seconds, { isUtc: isUtc.value }).replace(' ', 'T');
}

/**
 * The Unix seconds of an input's text. If the text is still the one for `shown`, it returns `shown`: in autumn an hour
 * comes twice, and its text is the same both times.
 */
function fromInput(text: string, shown: number): number {
  if (text === asInput(shown)) return Math.floor(shown);
  return Math.round(Date.parse(isUtc.value ? `${text}Z` : text) / 1000);
}

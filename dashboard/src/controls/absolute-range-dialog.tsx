import { useId, useState } from 'preact/hooks';
import { formatTime } from '../format.ts';
import { windowOf } from '../time-window.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { changeView, isUtc, view } from '../view.ts';
import { MIN_WINDOW_SECONDS } from '../view-state.ts';

/** Asks for two times, in the zone that the page shows. */
export function AbsoluteRangeDialog({ onClose }: { readonly onClose: () => void }) {
  const { start, end } = windowOf(view.value, Date.now() / 1000);
  const [from, setFrom] = useState(asInput(start));
  const [to, setTo] = useState(asInput(end));
  const [error, setError] = useState('');
  const errorId = useId();

  const apply = (event: Event) => {
    event.preventDefault();
    const [startSeconds, endSeconds] = [fromInput(from), fromInput(to)];
    const isLongEnough = endSeconds - startSeconds >= MIN_WINDOW_SECONDS;
    if (!isLongEnough) {
      setError(`Expected an end at least ${MIN_WINDOW_SECONDS} s after the start.`);
      return;
    }
    changeView({ window: { start: startSeconds, end: endSeconds } });
    onClose();
  };

  return (
    <Dialog title="Absolute time range" onClose={onClose}>
      <form class="range-form" onSubmit={apply}>
        <div class="range-form-fields">
          <TimeField label="From" value={from} onInput={setFrom} errorId={errorId} />
          <TimeField label="To" value={to} onInput={setTo} errorId={errorId} />
        </div>
        <p id={errorId} class="field-error" role="alert">
          {error}
        </p>
        <div class="form-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit">
            Apply
          </Button>
        </div>
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
    <label class="field">
      {label} ({isUtc.value ? 'UTC' : 'local time'})
      <input
        type="datetime-local"
        step="1"
        required
        value={value}
        aria-describedby={errorId}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </label>
  );
}

function asInput(seconds: number): string {
  return formatTime(seconds, { isUtc: isUtc.value }).replace(' ', 'T');
}

function fromInput(text: string): number {
  return Math.round(Date.parse(isUtc.value ? `${text}Z` : text) / 1000);
}

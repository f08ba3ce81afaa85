import './paused-types.css';
import { useState } from 'preact/hooks';
import type { PausedEventType } from '../../../src/shared/http-contract/event-types.ts';
import { lacks } from '../api/access.ts';
import { getJson } from '../api/client.ts';
import { refreshAll } from '../api/use-live-data.ts';
import { plain } from '../format/quantity.ts';
import { formatIsoTime } from '../format/time.ts';
import { visibleText } from '../format/visible-text.ts';
import { lazyDialog } from '../lazy/lazy-dialog.tsx';
import { TextButton } from '../ui/buttons/button.tsx';
import { announce } from '../ui/status/announce.tsx';
import { isUtc } from '../view/view.ts';

const ConfirmDialog = lazyDialog(() =>
  import('../ui/dialogs/confirm-dialog.tsx').then((module) => module.ConfirmDialog),
);

interface Change {
  readonly eventType: string;
  readonly action: 'pause' | 'resume';
}

export interface PausedTypesProps {
  readonly paused: readonly PausedEventType[];
  /** The event type that the list is narrowed to: it can be paused. Undefined: to none. */
  readonly chosen: string | undefined;
  /** Called after an event type was paused or resumed. */
  readonly onChange: () => void;
}

/** Which event types are paused, and the buttons that pause and resume one. */
export function PausedTypes({ paused, chosen, onChange }: PausedTypesProps) {
  const [change, setChange] = useState<Change | null>(null);
  const mayChange = !lacks('queue:admin');
  const isPausable =
    mayChange && chosen !== undefined && !paused.some(({ event_type }) => event_type === chosen);
  if (paused.length === 0 && !isPausable && change === null) return null;
  return (
    <section class="paused-types" aria-label="Pauses">
      {paused.length > 0 && (
        <ul>
          {paused.map((type) => (
            <li key={type.event_type}>
              <PausedText type={type} />
              {mayChange && (
                <TextButton onClick={() => setChange({ eventType: type.event_type, action: 'resume' })}>
                  Resume <bdi>{visibleText(type.event_type)}</bdi>
                </TextButton>
              )}
            </li>
          ))}
        </ul>
      )}
      {isPausable && (
        <div>
          <TextButton onClick={() => setChange({ eventType: chosen, action: 'pause' })}>
            Pause the event type {chosen}
          </TextButton>
        </div>
      )}
      {change !== null && (
        <ChangeDialog change={change} onChange={onChange} onClose={() => setChange(null)} />
      )}
    </section>
  );
}

function PausedText({ type: { event_type, since, by, tasks } }: { readonly type: PausedEventType }) {
  return (
    <p>
      <strong>
        <bdi>{visibleText(event_type)}</bdi>
      </strong>{' '}
      is paused since {formatIsoTime(since, isUtc.value)} by <bdi>{visibleText(by)}</bdi>.{' '}
      {tasks === 1 ? '1 task waits.' : `${plain(tasks)} tasks wait.`}
    </p>
  );
}

interface ChangeDialogProps {
  readonly change: Change;
  readonly onChange: () => void;
  readonly onClose: () => void;
}

function ChangeDialog({ change: { eventType, action }, onChange, onClose }: ChangeDialogProps) {
  const isPause = action === 'pause';
  const confirm = async () => {
    await getJson(`/api/event-types/${encodeURIComponent(eventType)}/${action}`, { method: 'POST' });
    announce(`The event type ${visibleText(eventType)} is ${isPause ? 'paused' : 'resumed'}`);
    onChange();
    refreshAll();
  };
  return (
    <ConfirmDialog
      title={`${isPause ? 'Pause' : 'Resume'} ${visibleText(eventType)}?`}
      confirm={isPause ? 'Pause' : 'Resume'}
      onConfirm={confirm}
      onClose={onClose}
    >
      {isPause
        ? 'Workers will take no more tasks of this event type. Tasks that run go on, other event types too, and the orchestrator still accepts tasks.'
        : 'Workers will take its tasks again, the oldest first.'}
    </ConfirmDialog>
  );
}

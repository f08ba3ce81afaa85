import './no-tasks.css';
import type { EventTypeList } from '../../../../src/shared/http-contract/event-types.ts';
import { getJson } from '../../api/client.ts';
import { currentToken } from '../../api/token.ts';
import { useLiveData } from '../../api/use-live-data.ts';
import { Button } from '../../ui/buttons/button.tsx';
import { CopyButton } from '../../ui/buttons/copy-button.tsx';
import { EmptyState } from '../../ui/status/empty-state.tsx';
import { formatCurl } from '../curl-command.ts';
import { examplePayload, type Schema } from '../task/payload-schema.ts';

const loadEventTypes = (signal: AbortSignal) => getJson<EventTypeList>('/api/event-types', { signal });

/** Every installation ships its handler. */
const SHIPPED = { event_type: 'repository.report', payload: { path: '.' } };

/** What an empty system shows: how to submit a first task. */
export function NoTasks({ onSubmit }: { readonly onSubmit: () => void }) {
  const { live } = useLiveData({ key: '', load: loadEventTypes, refreshSeconds: 0 });
  const command = formatCurl(firstTask(live.data?.event_types ?? []), {
    origin: window.location.origin,
    needsToken: currentToken() !== null,
  });
  return (
    <EmptyState title="No tasks yet" isWide>
      <p>Submit a task here, or from any program:</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <pre class="submit-command" tabIndex={0}>
        {command}
      </pre>
      <div class="empty-actions">
        <Button kind="primary" onClick={onSubmit}>
          Submit a task
        </Button>
        <CopyButton kind="plain" what="command" text={() => command} />
        <a href="/docs">The API's documentation</a>
      </div>
    </EmptyState>
  );
}

/** A task that a live worker has a handler for, if any is known. */
function firstTask(types: EventTypeList['event_types']): object {
  const [first] = types;
  if (first === undefined || types.some(({ event_type }) => event_type === SHIPPED.event_type))
    return SHIPPED;
  const schema = first.payload_schema as Schema | null; // as the API says
  return { event_type: first.event_type, payload: schema === null ? {} : examplePayload(schema) };
}

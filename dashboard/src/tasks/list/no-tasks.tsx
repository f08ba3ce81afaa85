import './no-tasks.css';
import { currentToken } from '../../api/token.ts';
import { Button } from '../../ui/buttons/button.tsx';
import { CopyButton } from '../../ui/buttons/copy-button.tsx';
import { EmptyState } from '../../ui/status/empty-state.tsx';

/** What an empty system shows: how to submit a first task. */
export function NoTasks({ onSubmit }: { readonly onSubmit: () => void }) {
  const command = submitCommand();
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

function submitCommand(): string {
  return [
    `curl ${window.location.origin}/api/tasks`,
    ...(currentToken() === null ? [] : ['-H "authorization: Bearer $API_TOKEN"']),
    "-H 'content-type: application/json'",
    `-d '{"event_type": "repository.report", "payload": {"path": "."}}'`,
  ].join(' \\\n  ');
}

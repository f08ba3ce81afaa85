import './history-dialog.css';
import { useState } from 'preact/hooks';
import { formatAgo } from '../../format/time.ts';
import { Button } from '../../ui/buttons/button.tsx';
import { Dialog } from '../../ui/dialogs/dialog.tsx';
import { EmptyState } from '../../ui/status/empty-state.tsx';
import { QueryChoice } from '../results/query-choice.tsx';
import { clearHistory, readHistory } from './history.ts';

export interface HistoryDialogProps {
  /** The query that the chosen one replaces: `A`. */
  readonly letter: string;
  readonly onChoose: (query: string) => void;
  readonly onClose: () => void;
}

/** The last queries that ran in this browser. A click runs one again. */
export function HistoryDialog({ letter, onChoose, onClose }: HistoryDialogProps) {
  const [entries, setEntries] = useState(() => readHistory(window.localStorage));
  const now = Date.now() / 1000;
  return (
    <Dialog
      title={`Run from the history as query ${letter}`}
      onClose={onClose}
      actions={
        entries.length > 0 && (
          <Button
            kind="danger"
            onClick={() => {
              clearHistory(window.localStorage);
              setEntries([]);
            }}
          >
            Clear
          </Button>
        )
      }
    >
      {entries.length === 0 ? (
        <EmptyState icon="clock" title="No queries yet">
          This browser keeps the last 50 queries that you run.
        </EmptyState>
      ) : (
        <ul class="history-list">
          {entries.map(({ query, at }) => (
            <li key={query}>
              <QueryChoice query={query} text={formatAgo(Math.max(0, now - at))} onChoose={onChoose} />
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  );
}

import './query-card.css';
import './query-status.css';
import type { LiveData } from '../../api/poller.ts';
import { Button } from '../../ui/buttons/button.tsx';
import { CopyButton } from '../../ui/buttons/copy-button.tsx';
import { view } from '../../view/view.ts';
import { QueryEditor } from '../editor/query-editor.tsx';
import { QueryLetter } from '../results/query-letter.tsx';
import type { QueryResult, ResultKind } from '../results/query-result.ts';
import type { QueryRow } from './query-rows.ts';
import { QueryStatus } from './query-status.tsx';

export interface QueryCardProps {
  readonly row: QueryRow;
  readonly letter: string;
  readonly kind: ResultKind;
  readonly points: number;
  readonly isShown: boolean;
  readonly canRemove: boolean;
  readonly isFocused: boolean;
  readonly onReport: (live: LiveData<QueryResult>) => void;
  readonly onWrite: (draft: string) => void;
  readonly onRun: () => void;
  readonly onHistory: () => void;
  readonly onRemove: () => void;
}

/** One query: its editor, its status, and its buttons. */
export function QueryCard(props: QueryCardProps) {
  const { row, letter, kind, points, isShown, canRemove, isFocused } = props;
  const name = `query ${letter}`;
  return (
    <li class="query-card">
      <QueryLetter letter={letter} />
      <QueryEditor
        text={row.draft}
        label={`Query ${letter}`}
        service={view.value.service}
        isFocused={isFocused}
        onChange={props.onWrite}
        onRun={props.onRun}
      />
      <div class="query-actions">
        <CopyButton what="PromQL" of={name} isDisabled={row.draft.trim() === ''} text={() => row.draft} />
        <Button kind="quiet" icon="clock" label={`History for ${name}`} onClick={props.onHistory} />
        <Button
          kind="quiet"
          icon="cross"
          label={`Remove ${name}`}
          isDisabled={!canRemove}
          onClick={props.onRemove}
        />
      </div>
      <div class="query-status">
        {row.ran === '' ? (
          <p class="query-note">{row.draft.trim() === '' ? 'Empty' : 'Not run yet'}</p>
        ) : (
          <QueryStatus
            query={row.ran}
            letter={letter}
            kind={kind}
            points={points}
            isShown={isShown}
            onReport={props.onReport}
          />
        )}
        {row.ran !== '' && row.draft.trim() !== row.ran && <p class="query-note">Edited, not run</p>}
      </div>
    </li>
  );
}

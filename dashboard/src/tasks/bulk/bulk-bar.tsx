import './bulk-bar.css';
import { useState } from 'preact/hooks';
import type { BulkAction, BulkFilter } from '../../../../src/shared/http-contract/bulk.ts';
import type { TaskStatus } from '../../../../src/shared/http-contract/tasks.ts';
import { plain } from '../../format/quantity.ts';
import { lazyDialog } from '../../lazy/lazy-dialog.tsx';
import { search, setSearch } from '../../navigation/router.ts';
import { Button } from '../../ui/buttons/button.tsx';
import { ACTIONS_ON, WORDING } from './bulk-actions.ts';

export const BulkDialog = lazyDialog(() => import('./bulk-dialog.tsx').then((module) => module.BulkDialog));

export interface BulkBarProps {
  /** The filter of the list. */
  readonly filter: BulkFilter;
  readonly selected: ReadonlyMap<string, TaskStatus>;
  readonly onClear: () => void;
  /** How many tasks came that the list, which is held, does not show. */
  readonly newCount: number;
  readonly onRelease: () => void;
  readonly lookedAt: number;
}

/** The action that a link asks for, as that of the timeline: the dialog asks before it does anything. */
function askedByLink(): BulkAction | null {
  return search.value.get('act') === 'retry' && search.value.get('status') === 'dead' ? 'retry' : null;
}

/** Actions on the selected tasks or, when none is selected, on all that match the list's filter. */
export function BulkBar({ filter, selected, onClear, newCount, onRelease, lookedAt }: BulkBarProps) {
  const [asked, setAsked] = useState<BulkAction | null>(askedByLink);
  const isAll = selected.size === 0;
  const statuses = isAll ? (filter.status === undefined ? [] : [filter.status]) : [...selected.values()];
  const actions = [...new Set(statuses.flatMap((status) => ACTIONS_ON[status]))];
  const close = () => {
    setAsked(null);
    setSearch({ act: null }, { replace: true });
    if (!isAll) onClear();
  };
  return (
    <div class="bulk-bar">
      {!isAll && <span>{plain(selected.size)} selected</span>}
      {isAll && actions.length > 0 && <span>All matching tasks:</span>}
      {actions.map((action) => (
        <Button key={action} onClick={() => setAsked(action)}>
          {isAll ? WORDING[action].what('all') : WORDING[action].verb}
        </Button>
      ))}
      {!isAll && (
        <Button kind="quiet" onClick={onClear}>
          Clear selection
        </Button>
      )}
      <span class="bulk-note" role="status">
        {newCount > 0 ? (
          <Button onClick={onRelease}>{`${plain(newCount)} new`}</Button>
        ) : (
          lookedAt >= 1_000 && `Looked at ${plain(lookedAt)} tasks`
        )}
      </span>
      {asked !== null && (
        <BulkDialog
          action={asked}
          filter={isAll ? filter : { ids: [...selected.keys()] }}
          which={isAll ? 'all matching tasks' : 'the selected tasks'}
          onClose={close}
        />
      )}
    </div>
  );
}

import { useEffect, useState } from 'preact/hooks';
import { refreshAll } from '../../api/use-live-data.ts';
import { search, setSearch } from '../../navigation/router.ts';
import {
  allRun,
  type QueryRow,
  ranQueries,
  rowsFor,
  withAdded,
  withDraft,
  withoutRow,
} from './query-rows.ts';

export interface QueryRows {
  readonly rows: readonly QueryRow[];
  /** Runs all queries as they are written, unchanged ones as well. */
  readonly run: () => void;
  /** Writes a query into a row, and runs all queries. */
  readonly runWith: (id: number, query: string) => void;
  readonly write: (id: number, draft: string) => void;
  readonly add: () => void;
  readonly remove: (id: number) => void;
}

/** The rows of the page, in step with the queries of its URL. */
export function useQueryRows(): QueryRows {
  const queries = search.value.getAll('q').filter((query) => query.trim() !== '');
  const inUrl = JSON.stringify(queries);
  const [rows, setRows] = useState(() => rowsFor(queries, []));
  useEffect(() => {
    if (inUrl !== JSON.stringify(ranQueries(rows))) setRows(rowsFor(queries, rows));
  }, [inUrl]);

  function commit(next: readonly QueryRow[]): void {
    setRows(next);
    const nextQueries = ranQueries(next);
    if (JSON.stringify(nextQueries) === inUrl) refreshAll();
    else setSearch({ q: nextQueries });
  }
  return {
    rows,
    run: () => commit(allRun(rows)),
    runWith: (id, query) => commit(allRun(withDraft(rows, id, query))),
    write: (id, draft) => setRows(withDraft(rows, id, draft)),
    add: () => setRows(withAdded(rows)),
    remove: (id) => {
      const next = withoutRow(rows, id);
      setRows(next);
      setSearch({ q: ranQueries(next) });
    },
  };
}

/** A query as the operator writes it, and as it last ran. The URL holds the queries that ran. */
export interface QueryRow {
  /** The same as long as the row exists: its editor and its results depend on it. */
  readonly id: number;
  readonly draft: string;
  /** Empty if it has not run yet. */
  readonly ran: string;
}

/** The rows for the queries of a URL, at least one. A row that exists keeps its id by its place. */
export function rowsFor(queries: readonly string[], before: readonly QueryRow[]): readonly QueryRow[] {
  const wanted = queries.length === 0 ? [''] : queries;
  const firstNew = Math.max(0, ...before.map(({ id }) => id)) + 1;
  return wanted.map((query, i) => ({
    id: before[i]?.id ?? firstNew + i - before.length,
    draft: query,
    ran: query,
  }));
}

/** The queries for the URL. */
export function ranQueries(rows: readonly QueryRow[]): readonly string[] {
  return rows.map(({ ran }) => ran).filter((query) => query !== '');
}

export function withAdded(rows: readonly QueryRow[]): readonly QueryRow[] {
  return [...rows, { id: Math.max(0, ...rows.map(({ id }) => id)) + 1, draft: '', ran: '' }];
}

/** The rows without this one. The only row is replaced by an empty one. */
export function withoutRow(rows: readonly QueryRow[], id: number): readonly QueryRow[] {
  const others = rows.filter((row) => row.id !== id);
  return others.length === 0 ? rowsFor([], []).map((row) => ({ ...row, id: id + 1 })) : others;
}

export function withDraft(rows: readonly QueryRow[], id: number, draft: string): readonly QueryRow[] {
  return rows.map((row) => (row.id === id ? { ...row, draft } : row));
}

/** The rows after a run of all of them as they are written now. */
export function allRun(rows: readonly QueryRow[]): readonly QueryRow[] {
  return rows.map((row) => ({ ...row, ran: row.draft.trim() }));
}

/** Letters for queries: A … Z, then A1 … */
export function queryLetter(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : `${letter}${Math.floor(index / 26)}`;
}

import { parser } from '@prometheus-io/lezer-promql';
import { QueryError } from '../../shared/errors.ts';

const MAX_QUERY_BYTES = 16 * 1024;

/** Throws bad_data unless `query` is PromQL of at most 16 KiB; a syntax error names its place. */
export function checkPromql(query: string): void {
  checkQuerySize(query);
  const cursor = parser.parse(query).cursor();
  do {
    if (!cursor.type.isError) continue;
    const near = query.slice(cursor.from, cursor.from + 20);
    throw new QueryError(
      'bad_data',
      `query: expected PromQL; cannot be parsed at character ${cursor.from + 1}${near ? `, near ${JSON.stringify(near)}` : ' (the end)'}`,
    );
  } while (cursor.next());
}

/** Throws bad_data for a query that is empty or over the limit. */
export function checkQuerySize(query: string): void {
  if (query.trim() === '')
    throw new QueryError('bad_data', 'query: expected an expression; given an empty one');
  const size = Buffer.byteLength(query);
  if (size > MAX_QUERY_BYTES) {
    throw new QueryError('bad_data', `query: expected at most ${MAX_QUERY_BYTES} bytes; given ${size}`);
  }
}

import { inputInvalid } from '../../shared/errors.ts';
import type { Place } from '../../shared/queue/bullmq-listing.ts';

/** Where a page begins: in one of the lists that are shown, by its index, after a place. */
export interface Cursor {
  readonly list: number;
  /** Undefined: at the first task. */
  readonly after: Place | undefined;
  /** Of a walk that begins with the oldest: it leaves out tasks with a higher score. */
  readonly until?: number | undefined;
}

/** Of an id that is longer, a page begins after all ids that begin alike. Only a damaged list has such ids. */
const LONGEST_ID = 400;

export const FIRST_PAGE: Cursor = { list: 0, after: undefined };

/** The text is opaque to clients. */
export function formatCursor({ list, after, until }: Cursor): string {
  const bound = until === undefined ? '' : `~${until}`;
  const place = after === undefined ? '' : `.${after.order}.${after.id.slice(0, LONGEST_ID)}`;
  const text = `${list}${bound}${place}`;
  return Buffer.from(text).toString('base64url');
}

/** Throws ASDLC_INPUT_INVALID for a text that formatCursor did not make. */
export function parseCursor(text: string): Cursor {
  const match = /^(\d{1,2})(?:~(-?\d{1,16}))?(?:\.(-?\d{1,16})\.([\s\S]{0,400}))?$/.exec(
    Buffer.from(text, 'base64url').toString(),
  );
  if (match === null)
    throw inputInvalid('cursor: expected the next_cursor of an earlier page; got another text');
  const [, list, until, order, id] = match;
  const after = id === undefined ? undefined : { order: Number(order), id };
  return { list: Number(list), after, ...(until !== undefined && { until: Number(until) }) };
}

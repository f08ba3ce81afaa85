import { inputInvalid } from '../../shared/errors.ts';
import type { Place } from '../../shared/queue/bullmq-listing.ts';

/** Where a page begins: in one of the statuses that are listed, by its index, after a place. */
export interface Cursor {
  readonly list: number;
  /** Undefined: at the first task. */
  readonly after: Place | undefined;
}

/** Of an id that is longer, a page begins after all ids that begin alike. Only a damaged list has such ids. */
const LONGEST_ID = 400;

export const FIRST_PAGE: Cursor = { list: 0, after: undefined };

/** The text is opaque to clients. */
export function formatCursor({ list, after }: Cursor): string {
  const text = after === undefined ? `${list}` : `${list}.${after.order}.${after.id.slice(0, LONGEST_ID)}`;
  return Buffer.from(text).toString('base64url');
}

/** Throws ASDLC_INPUT_INVALID for a text that formatCursor did not make. */
export function parseCursor(text: string): Cursor {
  const match = /^(\d)(?:\.(-?\d{1,16})\.([\s\S]{0,400}))?$/.exec(Buffer.from(text, 'base64url').toString());
  if (match === null)
    throw inputInvalid('cursor: expected the next_cursor of an earlier page; got another text');
  const [, list, order, id] = match;
  const after = id === undefined ? undefined : { order: Number(order), id };
  return { list: Number(list), after };
}

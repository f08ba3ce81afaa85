import { inputInvalid } from '../../shared/errors.ts';

/** A place in a listing: the index of one of its lists, and how many tasks of that list come before it. */
export interface Cursor {
  readonly list: number;
  readonly offset: number;
}

export const FIRST_PAGE: Cursor = { list: 0, offset: 0 };

/** The text is opaque to clients. */
export function formatCursor({ list, offset }: Cursor): string {
  return Buffer.from(`${list}.${offset}`).toString('base64url');
}

/** Throws ASDLC_INPUT_INVALID for a text that formatCursor did not make. */
export function parseCursor(text: string): Cursor {
  const match = /^(\d{1,2})\.(\d{1,12})$/.exec(Buffer.from(text, 'base64url').toString('latin1'));
  if (match === null)
    throw inputInvalid('cursor: expected the next_cursor of an earlier page; got another text');
  return { list: Number(match[1]), offset: Number(match[2]) };
}

import { formatValue, plain } from '../../format/quantity.ts';

/** The browser needs seconds to lay out a megabyte: of a longer text only its beginning is shown. */
const MAX_SHOWN = 16 * 1024;
const SHOWN_OF_LONG = 4 * 1024;

export const isLongText = (text: string) => text.length > MAX_SHOWN;

export const beginningOf = (text: string) => (isLongText(text) ? text.slice(0, SHOWN_OF_LONG) : text);

/** Such as: 684 KiB. */
export const sizeOf = (text: string) => formatValue(new Blob([text]).size, 'bytes');

/** Such as: The first 4,096 of 700k characters (684 KiB). */
export const partShown = (text: string) =>
  `The first ${plain(SHOWN_OF_LONG)} of ${plain(text.length)} characters (${sizeOf(text)}).`;

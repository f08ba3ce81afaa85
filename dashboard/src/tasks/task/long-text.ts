import { formatValue, plain } from '../../format/quantity.ts';
import { jsonBeginning } from './json-beginning.ts';

/** The browser needs seconds to lay out a megabyte: of a longer text only its beginning is shown. */
const MAX_SHOWN = 16 * 1024;
const SHOWN_OF_LONG = 4 * 1024;

export const isLongText = (text: string) => text.length > MAX_SHOWN;

export const beginningOf = (text: string) => (isLongText(text) ? text.slice(0, SHOWN_OF_LONG) : text);

/** The text of JSON for people, or so much of it that isLongText holds: a long one is not written to its end. */
export const readableJson = (value: unknown) => jsonBeginning(value, MAX_SHOWN + 1);

/** Such as: The first 4,096 characters of 684 KiB. */
export const partShown = (text: string) =>
  `The first ${plain(SHOWN_OF_LONG)} characters of ${formatValue(new Blob([text]).size, 'bytes')}.`;

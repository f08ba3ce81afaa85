/*
 * Characters that can make a text look like another one: control and format characters, as those that turn the direction of
 * writing, and heaps of combining marks. The dashboard and the command line show them as escapes. No imports: the dashboard
 * bundles this file.
 */

/** How many marks a letter may have: more than any language writes. */
const MAX_MARKS = 4;

/** Joiners are part of emoji and of some scripts, and only change the look of their neighbours. */
const HARMLESS = '\\n\\t\\u200C\\u200D';

/** The source of a regular expression with the flags `gu`: it matches one such character at a time. */
export const SUSPECT_CHARACTERS = [
  `(?![${HARMLESS}])[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]`,
  '(?<=^|[\\p{Cc}\\p{Z}])\\p{M}',
  `(?<=\\p{M}{${MAX_MARKS}})\\p{M}`,
].join('|');

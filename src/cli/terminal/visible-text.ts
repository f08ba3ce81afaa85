import { SUSPECT_CHARACTERS } from '../../shared/http-contract/suspect-characters.ts';

/* Texts of payloads, errors and names come from anyone. A terminal obeys control characters. */

const SUSPECT = new RegExp(SUSPECT_CHARACTERS, 'gu');

/** Returns a text with suspect characters as escapes. Line ends and tabs stay. */
export function visibleText(text: string): string {
  return text.replace(SUSPECT, escaped);
}

/** Returns a text on one line, with suspect characters as escapes. */
export function oneLine(text: string): string {
  return visibleText(text.replaceAll(/\s+/gu, ' ').trim());
}

/** Returns a value as JSON, with suspect characters as its escapes. */
export function visibleJson(value: unknown): string {
  return (JSON.stringify(value) ?? 'null').replace(SUSPECT, escaped);
}

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, i) => character.charCodeAt(i));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}

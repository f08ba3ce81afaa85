import { SUSPECT_CHARACTERS } from '../../../src/shared/http-contract/suspect-characters.ts';

/* Texts of payloads, errors and log lines come from anyone. */

const SUSPECT = new RegExp(SUSPECT_CHARACTERS, 'gu');

/** Returns a text with suspect characters as escapes: `\u202e`. Put it into `<bdi>`: its own direction then stays inside. */
export function visibleText(text: string): string {
  return text.replace(SUSPECT, textEscape);
}

const textEscape = remembered((character) => {
  const code = character.codePointAt(0)?.toString(16) ?? '';
  return code.length > 4 ? `\\u{${code}}` : escapedUnit(code);
});

/** Returns a text of JSON that means the same, with suspect characters as escapes. */
export function visibleJson(json: string): string {
  return json.replace(SUSPECT, suspectEscape);
}

/** The escape of one character within a string of JSON. */
export function jsonEscape(character: string): string {
  const units = Array.from({ length: character.length }, (_, i) => character.charCodeAt(i));
  return units.map((unit) => escapedUnit(unit.toString(16))).join('');
}

const suspectEscape = remembered(jsonEscape);

/** A text may have a suspect character 100,000 times. There are few thousand different ones. */
function remembered(escapeOf: (character: string) => string): (character: string) => string {
  const known = new Map<string, string>();
  return (character) => {
    const escaped = known.get(character) ?? escapeOf(character);
    known.set(character, escaped);
    return escaped;
  };
}

const escapedUnit = (code: string) => `\\u${code.padStart(4, '0')}`;

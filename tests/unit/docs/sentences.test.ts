import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PAGES, readPage, withoutCode } from '../../support/pages.ts';

const MAX_WORDS = 35;

/** Sentences of a page outside code, tables and headings. An inline code or a link's address counts as one word. */
function sentencesOf(markdown: string): string[] {
  const text = withoutCode(markdown)
    .replaceAll(/<!--[\s\S]*?-->|<[^>]+>/g, '')
    .replaceAll(/^(?:\||#|---|\[[^\]]+\]: ).*$/gm, '')
    .replaceAll(/`[^`]*`/g, 'code')
    .replaceAll(/\]\([^)]*\)/g, ']');
  const blocks = text.split(/\n\s*\n|\n(?= *(?:[-*]|\d+\.) )/);
  return blocks.flatMap((block) => block.replaceAll(/\s+/g, ' ').split(/(?<=[.!?][)*"]*) /));
}

const wordsOf = (sentence: string) => sentence.match(/[\p{L}\p{N}][^\s]*/gu)?.length ?? 0;

describe('sentences', () => {
  for (const page of PAGES) {
    it(`have at most ${MAX_WORDS} words in ${page}`, () => {
      for (const sentence of sentencesOf(readPage(page))) {
        assert.ok(wordsOf(sentence) <= MAX_WORDS, `${wordsOf(sentence)} words: ${sentence}`);
      }
    });
  }
});

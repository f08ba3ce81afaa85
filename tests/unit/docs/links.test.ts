import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, it } from 'node:test';
import { PAGES, readPage, withoutCode } from '../../support/pages.ts';
import { REPOSITORY } from '../../support/processes.ts';

/** Relative links of a page, of images and of HTML too. */
function linksOf(markdown: string): string[] {
  const text = withoutCode(markdown);
  const found = [
    ...text.matchAll(/\]\(([^)\s]+)\)/g),
    ...text.matchAll(/(?:src|srcset|href)="([^"]+)"/g),
    ...text.matchAll(/^\[[^\]]+\]: (\S+)/gm),
  ];
  return found.map((match) => match[1] ?? '').filter((link) => !/^[a-z]+:/.test(link));
}

/** The anchors that GitHub makes of a page's headings. */
function anchorsOf(markdown: string): string[] {
  const headings = [...withoutCode(markdown).matchAll(/^#+ (.*)$/gm)].map((match) => match[1] ?? '');
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe('relative links', () => {
  for (const page of PAGES) {
    it(`lead somewhere in ${page}`, () => {
      for (const link of linksOf(readPage(page))) {
        const [path = '', anchor] = link.split('#');
        const target = path === '' ? join(REPOSITORY, page) : join(REPOSITORY, dirname(page), path);
        assert.ok(existsSync(target), `${link} in ${page}`);
        assert.ok(!relative(REPOSITORY, target).startsWith('..'), `${link} leaves the repository`);
        if (anchor === undefined) continue;
        assert.ok(anchorsOf(readFileSync(target, 'utf8')).includes(anchor), `${link} in ${page}`);
      }
    });
  }

  it('reach every page of docs from the README', () => {
    const links = linksOf(readPage('README.md')).map((link) => link.split('#')[0]);
    for (const page of PAGES.filter((path) => path.startsWith('docs/')))
      assert.ok(links.includes(page), page);
  });
});

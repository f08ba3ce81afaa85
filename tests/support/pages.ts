import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from './processes.ts';

/** Pages that a person writes, and configuration.md, whose words come from its script. */
export const PAGES: readonly string[] = globSync(['*.md', 'docs/*.md', 'examples/**/*.md', '.github/*.md'], {
  cwd: REPOSITORY,
  exclude: ['docs/metrics.md', 'docs/benchmarks.md', 'docs/reliability.md', '**/node_modules/**'],
}).toSorted();

/** The text of a page, by its path from the root of the repository. */
export function readPage(path: string): string {
  return readFileSync(join(REPOSITORY, path), 'utf8');
}

/** The page without fenced code. */
export function withoutCode(markdown: string): string {
  return markdown.replaceAll(/^( *)```[^\n]*\n[\s\S]*?^\1``` *$/gm, '');
}

/** Rows of the table that begins with this cell, without its header; each cell without its surrounding spaces. */
export function tableRows(markdown: string, firstCell: string): string[][] {
  const start = markdown.indexOf(`\n| ${firstCell} `);
  if (start < 0) throw new Error(`expected a table that begins with "${firstCell}"`);
  const [table = ''] = markdown.slice(start + 1).split('\n\n', 1);
  const rows = table.trimEnd().split('\n').slice(2);
  return rows.map((row) =>
    row
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

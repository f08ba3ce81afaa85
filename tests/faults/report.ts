import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { REPOSITORY } from '../support/processes.ts';

/* docs/reliability.md, of which each command writes its own sections. */

export const REPORT = join(REPOSITORY, 'docs/reliability.md');

const HEAD = `# Reliability

What was seen as real servers were broken on purpose. Commands write this page; do not edit it. Each section says by which
command it was written. Numbers come from a machine that other programs used too.`;

export const SECTIONS = {
  faults: 'Faults',
  features: 'Faults of schedules, queues, webhooks and flows',
  history: 'A history of random faults',
  soak: 'Soak',
} as const;

/** What the first column of each table of faults has. */
export const TABLE_HEADS = { faults: 'fault', features: 'part and fault' } as const;

/** Replaces one section of the page. */
export function writeSection(name: keyof typeof SECTIONS, command: string, markdown: string): void {
  const sections = readSections();
  sections.set(SECTIONS[name], `## ${SECTIONS[name]}\n\n${describeRun(command)}\n\n${markdown.trimEnd()}`);
  const ordered = Object.values(SECTIONS).flatMap((title) => sections.get(title) ?? []);
  writeFileSync(REPORT, `${[HEAD, ...ordered].join('\n\n')}\n`);
  execFileSync(join(REPOSITORY, 'node_modules/.bin/biome'), ['format', '--write', REPORT], {
    stdio: 'ignore',
  });
}

export function markdownTable(
  header: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.map(escaped).join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

/** The text as a cell holds it. */
export const escaped = (cell: string | number) =>
  String(cell).replaceAll('|', '\\|').replaceAll('*', '\\*').replaceAll('<', '&lt;').replaceAll(/\s+/g, ' ');

function describeRun(command: string): string {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
    cwd: REPOSITORY,
    encoding: 'utf8',
  }).trim();
  const date = new Date().toISOString().slice(0, 10);
  const cores = cpus();
  return `\`${command}\`, ${date}, commit ${commit}, Node ${process.version}, ${cores.length} × ${cores[0]?.model.trim()}`;
}

function readSections(): Map<string, string> {
  if (!existsSync(REPORT)) return new Map();
  const sections = readFileSync(REPORT, 'utf8')
    .split(/^(?=## )/m)
    .slice(1);
  return new Map(sections.map((section) => [/^## (.*)/.exec(section)?.[1] ?? '', section.trimEnd()]));
}

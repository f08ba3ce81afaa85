import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { readPage } from './pages.ts';

/** The shell commands of a page below this heading, or after this bold text in it. */
export function documentedCommands(page: string, after: string): string {
  const text = readPage(page);
  const start = text.indexOf(`\n${after}`);
  if (start < 0) throw new Error(`expected "${after}" in ${page}`);
  const commands = /^```sh\n([\s\S]*?)^```$/m.exec(text.slice(start))?.[1];
  if (commands === undefined) throw new Error(`expected commands after "${after}" in ${page}`);
  return commands;
}

/** Runs them as they are; the first one that fails ends them. Returns what they printed. */
export async function runDocumented(
  page: string,
  after: string,
  variables: Readonly<Record<string, string>>,
): Promise<string> {
  const env = { ...process.env, ...variables };
  const args = ['-e', '-u', '-c', documentedCommands(page, after)];
  const { stdout } = await promisify(execFile)('sh', args, { env, timeout: 60_000 });
  return stdout;
}

import { statSync } from 'node:fs';
import { resolve } from 'node:path';

/** The settings of these handlers. No other file reads their environment variables. */
export interface Settings {
  /** `repository.report` reads only checkouts in this folder. */
  readonly workspacePath: string;
  readonly agent: { readonly url: string; readonly token: string | undefined } | undefined;
  readonly programCommand: readonly string[] | undefined;
}

/** Throws an error that names each bad variable, what was expected and what it got. An empty variable counts as unset. */
export function loadSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const problems: string[] = [];
  const read = <T>(name: string, expected: string, parse: (text: string) => T | undefined) => {
    const text = environment[name];
    if (text === undefined || text === '') return undefined;
    const value = parse(text);
    if (value !== undefined) return value;
    const shown = /TOKEN|URL/.test(name)
      ? 'another value (not shown: it may be secret)'
      : JSON.stringify(text);
    problems.push(`${name}: expected ${expected}; got ${shown}`);
    return undefined;
  };
  const workspacePath = read('WORKSPACE_PATH', 'an existing folder', parseFolder) ?? process.cwd();
  const url = read('AGENT_URL', 'http(s)://host[:port][/path] without user and password', parseUrl);
  const token = read('AGENT_TOKEN', 'printable ASCII characters without spaces', parseToken);
  const programCommand = read(
    'PROGRAM_COMMAND',
    'a JSON array of strings, such as ["program", "argument"]',
    parseCommand,
  );
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return { workspacePath, agent: url === undefined ? undefined : { url, token }, programCommand };
}

function parseFolder(text: string): string | undefined {
  return statSync(text, { throwIfNoEntry: false })?.isDirectory() ? resolve(text) : undefined;
}

function parseUrl(text: string): string | undefined {
  const url = URL.parse(text);
  const isPlain =
    url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
  return isPlain ? url.href : undefined;
}

function parseToken(text: string): string | undefined {
  return /^[\x21-\x7e]+$/.test(text) ? text : undefined;
}

function parseCommand(text: string): readonly string[] | undefined {
  try {
    const command: unknown = JSON.parse(text);
    const isCommand =
      Array.isArray(command) && command.every((part) => typeof part === 'string' && !part.includes('\0'));
    return isCommand && command[0] ? command : undefined;
  } catch {
    return undefined;
  }
}

import { statSync } from 'node:fs';
import { resolve } from 'node:path';

/** What the operator sets for these handlers; the only reader of their environment. */
export interface Settings {
  /** The folder whose git checkouts may be reported on. */
  readonly workspacePath: string;
  readonly agent: { readonly url: string; readonly token: string | undefined } | undefined;
  readonly programCommand: readonly string[] | undefined;
}

/** Throws an error that names each bad variable, what was expected and what was given. Empty counts as unset. */
export function loadSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const problems: string[] = [];
  const read = <T>(name: string, expected: string, parse: (given: string) => T | undefined) => {
    const given = environment[name];
    if (given === undefined || given === '') return undefined;
    const value = parse(given);
    if (value !== undefined) return value;
    const shown = /TOKEN|URL/.test(name) ? 'a value of another form (not shown)' : JSON.stringify(given);
    problems.push(`${name}: expected ${expected}; got ${shown}`);
    return undefined;
  };
  const workspacePath = read('WORKSPACE_PATH', 'a folder that exists', parseFolder) ?? process.cwd();
  const url = read('AGENT_URL', 'http(s)://host[:port][/path], without user and password', parseUrl);
  const token = read('AGENT_TOKEN', 'printable ASCII characters', parseToken);
  const programCommand = read('PROGRAM_COMMAND', 'a JSON array of strings: ["program", "arg"]', parseCommand);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return { workspacePath, agent: url === undefined ? undefined : { url, token }, programCommand };
}

function parseFolder(given: string): string | undefined {
  return statSync(given, { throwIfNoEntry: false })?.isDirectory() ? resolve(given) : undefined;
}

function parseUrl(given: string): string | undefined {
  const url = URL.parse(given);
  const isPlain =
    url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
  return isPlain ? url.href : undefined;
}

function parseToken(given: string): string | undefined {
  return /^[\x21-\x7e]+$/.test(given) ? given : undefined;
}

function parseCommand(given: string): readonly string[] | undefined {
  try {
    const command: unknown = JSON.parse(given);
    const isCommand =
      Array.isArray(command) && command.every((part) => typeof part === 'string' && !part.includes('\0'));
    return isCommand && command[0] ? command : undefined;
  } catch {
    return undefined;
  }
}

import { parseArgs } from 'node:util';
import type { AnyHandlers, Client } from '../client/index.ts';
import { nearestName } from '../shared/nearest-name.ts';
import { optionInvalid } from './exit-codes.ts';
import type { Terminal } from './terminal/terminal.ts';

export interface Option {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  /** What the help calls the value, as `SECONDS`. */
  readonly value?: string;
  readonly description: string;
}

/** One command: what it takes, and what it does. */
export interface Command {
  /** Its arguments, as the help shows them: `TYPE [JSON]`. */
  readonly usage: string;
  readonly description: string;
  readonly options: Readonly<Record<string, Option>>;
  /** How many arguments it takes. */
  readonly arguments: { readonly least: number; readonly most: number };
  /** Returns the exit code. */
  run(input: Input): Promise<number>;
}

export interface Input {
  readonly arguments: readonly string[];
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  readonly isJson: boolean;
  readonly terminal: Terminal;
  readonly stdin: NodeJS.ReadableStream;
  readonly env: NodeJS.ProcessEnv;
  /** Makes a client of ASDLC_URL and ASDLC_TOKEN. It gives up when no answer came for so long. */
  client(retryForMs?: number): Client<AnyHandlers>;
}

export const JSON_OPTION = { json: { type: 'boolean', description: 'prints JSON' } } as const;
const HELP_OPTION = { help: { type: 'boolean', short: 'h', description: 'prints this text' } } as const;

export type Parsed = Pick<Input, 'arguments' | 'values'>;

/** Reads the arguments of a command. Throws ASDLC_OPTION_INVALID for what it does not take. */
export function parseCommandLine(name: string, command: Command, args: readonly string[]): Parsed {
  const options = { ...command.options, ...HELP_OPTION };
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const parsed = { arguments: positionals, values: values as Parsed['values'] }; // no option is given twice
    if (values.help !== true) checkCount(name, command, positionals);
    return parsed;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException; // what parseArgs throws
    if (!code?.startsWith('ERR_PARSE_ARGS')) throw error;
    throw optionInvalid(`${describeProblem(message, Object.keys(options))} See: asdlc ${name} --help`);
  }
}

function checkCount(
  name: string,
  { usage, arguments: { least, most } }: Command,
  given: readonly string[],
): void {
  if (given.length >= least && given.length <= most) return;
  const expected = most === 0 ? 'no arguments' : usage;
  throw optionInvalid(
    `asdlc ${name}: expected ${expected}; got ${given.length === 0 ? 'nothing' : given.join(' ')}. See: asdlc ${name} --help`,
  );
}

function describeProblem(message: string, names: readonly string[]): string {
  const [problem = ''] = message.split('. ');
  const unknown = /^Unknown option '--([^']+)'/.exec(problem)?.[1];
  const nearest = unknown === undefined ? undefined : nearestName(unknown, names);
  return nearest === undefined ? `${problem}.` : `${problem}. Did you mean --${nearest}?`;
}

/** Returns the help of a command. */
export function helpOf(name: string, { usage, description, options }: Command): string {
  const rows = Object.entries({ ...options, ...HELP_OPTION } as Command['options']).map(
    ([option, { short, value, description: meaning }]): [string, string] => [
      `${short === undefined ? '' : `-${short}, `}--${option}${value === undefined ? '' : ` ${value}`}`,
      meaning,
    ],
  );
  const width = Math.max(...rows.map(([option]) => option.length));
  const lines = rows.map(([option, meaning]) => `  ${option.padEnd(width)}  ${meaning}`);
  return `usage: asdlc ${name}${usage === '' ? '' : ` ${usage}`}${rows.length > 1 ? ' [options]' : ''}\n\n${description}\n\n${lines.join('\n')}\n`;
}

/** Returns the value of an option that is a whole number. Throws ASDLC_OPTION_INVALID for another. */
export function wholeNumber(values: Input['values'], name: string): number | undefined {
  const given = values[name];
  if (given === undefined) return undefined;
  if (typeof given === 'string' && /^\d{1,15}$/.test(given)) return Number(given);
  throw optionInvalid(`--${name}: expected a whole number; got ${JSON.stringify(given)}`);
}

/** Returns the value of an option that is text. */
export function text(values: Input['values'], name: string): string | undefined {
  const given = values[name];
  return typeof given === 'string' ? given : undefined;
}

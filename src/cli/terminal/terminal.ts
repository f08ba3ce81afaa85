import { styleText } from 'node:util';
import { visibleJson, visibleText } from './visible-text.ts';

type Style = Parameters<typeof styleText>[0];

/** Where commands print. Results go to standard output; what is said about them to standard error. */
export interface Terminal {
  /** Prints a line of the result. Texts of others go through `oneLine` before. */
  line(text: string): void;
  /** Prints one value as a line of JSON, with suspect characters as escapes. */
  json(value: unknown): void;
  /** Prints a line on standard error, with suspect characters as escapes. */
  note(text: string): void;
  /** Returns the text in this style, where standard output shows styles. */
  styled(style: Style, text: string): string;
  /** Columns of the terminal; undefined where standard output is none. */
  readonly columns: number | undefined;
}

/** A reader of a pipe that goes away, as `head` does, ends the command. */
export function createTerminal(out: NodeJS.WriteStream, err: NodeJS.WriteStream): Terminal {
  out.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  return {
    line: (text) => void out.write(`${text}\n`),
    json: (value) => void out.write(`${visibleJson(value)}\n`),
    note: (text) => void err.write(`${visibleText(text)}\n`),
    styled: (style, text) => styleText(style, text, { stream: out }),
    columns: out.isTTY ? out.columns : undefined,
  };
}

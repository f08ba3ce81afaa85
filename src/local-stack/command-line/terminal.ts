import { styleText } from 'node:util';

export interface Terminal {
  line(text: string): void;
  /** Prints that a server is ready, with its address and how long it took. */
  ready(name: string, address: string, durationMs: number): void;
  /** Prints what the user should look at. The stack goes on. */
  warning(text: string): void;
  /** Prints why the local stack could not start, or why it ends. */
  problem(text: string): void;
}

type Style = Parameters<typeof styleText>[0];

/**
 * Prints lines for a person, in colour where the terminal shows colours. When the reader of a pipe goes away, the
 * stack goes on without output.
 */
export function createTerminal(out: NodeJS.WriteStream, err: NodeJS.WriteStream): Terminal {
  for (const stream of [out, err]) stream.on('error', () => undefined);
  const styled = (style: Style, text: string, stream: NodeJS.WriteStream) =>
    styleText(style, text, { stream });
  return {
    line: (text) => out.write(`${text}\n`),
    ready: (name, address, durationMs) =>
      out.write(
        `${styled('green', '✓', out)} ${name.padEnd(17)} ${address.padEnd(30)} ${shownSeconds(durationMs)}\n`,
      ),
    warning: (text) => err.write(`${styled('yellow', '!', err)} ${text}\n`),
    problem: (text) => err.write(`${styled('red', '✗', err)} ${text}\n`),
  };
}

export function shownSeconds(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(1)} s`;
}

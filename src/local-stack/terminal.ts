import { styleText } from 'node:util';

export interface Terminal {
  line(text: string): void;
  /** A part that is ready, with its address and how long that took. */
  ready(name: string, address: string, durationMs: number): void;
  /** What ended the start or the run. */
  problem(text: string): void;
}

type Style = Parameters<typeof styleText>[0];

/** Lines for a person; coloured on a terminal that shows colours. A reader that went away is no error. */
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
    problem: (text) => err.write(`${styled('red', '✗', err)} ${text}\n`),
  };
}

export function shownSeconds(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(1)} s`;
}

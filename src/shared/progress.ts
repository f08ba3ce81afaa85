import { describeThrown } from './thrown.ts';

/** What a handler may report as its progress, in characters of JSON. */
export const MAX_PROGRESS = 4 * 1024;

/** Returns what a handler reports as its progress as plain data. Throws when it is not JSON, or too long. */
export function asProgress(value: unknown): unknown {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (thrown) {
    throw new TypeError(`progress: expected JSON; got what is none: ${describeThrown(thrown, 'It').message}`);
  }
  if (text === undefined) throw new TypeError(`progress: expected JSON; got ${typeof value}`);
  if (text.length > MAX_PROGRESS) {
    throw new RangeError(`progress: expected up to ${MAX_PROGRESS} characters of JSON; got ${text.length}`);
  }
  return JSON.parse(text);
}

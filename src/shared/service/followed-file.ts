import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';

/** How often a file is read again, in milliseconds: a mounted secret changes through a symlink, which tells nobody. */
const READ_INTERVAL_MS = 1_000;
const MOST_BYTES = 1024 * 1024;

/** Without O_NONBLOCK the open of a FIFO would wait for a writer: for ever, and in a thread that the exit waits for. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;

/** Like an error of the system, it says by its code what is wrong. */
class UnfitFile extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/** Returns the text of a file that is to be followed. Rejects, with a code, for what cannot be: a FIFO, or over 1 MiB. */
export async function readFollowed(path: string): Promise<string> {
  const file = await open(path, OPEN_FLAGS);
  try {
    checkFit(await file.stat());
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

/** As `readFollowed`. */
export function readFollowedNow(path: string): string {
  const file = openSync(path, OPEN_FLAGS);
  try {
    checkFit(fstatSync(file));
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

function checkFit(stats: Stats): void {
  if (stats.isDirectory()) throw new UnfitFile('a directory');
  if (!stats.isFile()) throw new UnfitFile('a pipe or a device');
  if (stats.size > MOST_BYTES) throw new UnfitFile(`${stats.size} bytes: over ${MOST_BYTES}`);
}

export interface FileListeners<T> {
  /** Called with each new content that is valid, and with the old one when a problem is over. */
  readonly onChange: (content: T) => void;
  /** Called once for each problem that `read` rejects with. */
  readonly onInvalid: (error: Error) => void;
}

/** Reads a file again and again. `first` is its content by now. Returns a function that stops it. */
export function followFile<T>(first: T, read: () => Promise<T>, listeners: FileListeners<T>): () => void {
  let last = first;
  let problem: string | undefined;
  const readAgain = async () => {
    try {
      const content = await read();
      if (problem === undefined && isDeepStrictEqual(content, last)) return;
      [last, problem] = [content, undefined];
      listeners.onChange(content);
    } catch (error) {
      const { message } = error as Error; // `read` rejects with nothing else
      if (message === problem) return;
      problem = message;
      listeners.onInvalid(error as Error);
    }
  };
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  const plan = () => {
    if (!isStopped) timer = setTimeout(() => readAgain().finally(plan), READ_INTERVAL_MS).unref();
  };
  plan();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}

import { isDeepStrictEqual } from 'node:util';

/** How often a file is read again, in milliseconds: a mounted secret changes through a symlink, which tells nobody. */
const READ_INTERVAL_MS = 1_000;

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

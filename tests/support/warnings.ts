import { setImmediate as nextTurn } from 'node:timers/promises';

/** The texts of the warnings that the process emits while the work runs. */
export async function warningsDuring(work: () => unknown): Promise<string[]> {
  const texts: string[] = [];
  const listener = ({ message }: Error) => texts.push(message);
  process.on('warning', listener);
  try {
    await work();
    await nextTurn();
  } finally {
    process.off('warning', listener);
  }
  return texts;
}

/**
 * Resolves with the reason for which this process is to stop: SIGTERM, SIGINT, or the end of the parent process that
 * started it over IPC. To be called before the rest of the program is loaded: the kernel gives process 1 of a container
 * no signal for which it has no handler yet.
 */
export function awaitStopSignal(): Promise<string> {
  return new Promise((resolve) => {
    process.once('disconnect', () => resolve('the parent process is gone'));
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve(signal));
  });
}

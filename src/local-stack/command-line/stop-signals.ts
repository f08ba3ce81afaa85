const FORCE_AFTER_MS = 2_000;

/**
 * Returns a signal that aborts at the first SIGINT, SIGTERM or SIGHUP. One that comes 2 s later or more exits with code
 * 1 at once. Those between are ignored: at Ctrl-C the terminal and npm both send a signal, milliseconds apart.
 */
export function watchStopSignals(): AbortSignal {
  const stop = new AbortController();
  let firstAt: number | undefined;
  const handle = () => {
    const now = performance.now();
    firstAt ??= now;
    stop.abort();
    if (now - firstAt >= FORCE_AFTER_MS) process.exit(1);
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, handle);
  return stop.signal;
}

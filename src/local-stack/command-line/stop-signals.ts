const FORCE_AFTER_MS = 2_000;

/**
 * Calls `onFirst` at the first SIGINT, SIGTERM or SIGHUP. Calls `onForce` at a signal that comes 2 s later or more.
 * Earlier ones are ignored: at Ctrl-C the terminal and npm both send a signal, milliseconds apart.
 */
export function onStopSignals(onFirst: () => void, onForce: () => void): void {
  let firstAt: number | undefined;
  const handle = () => {
    const now = performance.now();
    if (firstAt === undefined) {
      firstAt = now;
      onFirst();
    } else if (now - firstAt >= FORCE_AFTER_MS) onForce();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, handle);
}

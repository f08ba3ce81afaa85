/** What one check of `asdlc doctor` found. */
export interface Finding {
  readonly check: string;
  /** A warning lets the system work; a problem does not, or loses tasks. */
  readonly status: 'ok' | 'warning' | 'problem';
  readonly found: string;
  /** What to do. */
  readonly advice?: string;
}

export const ok = (check: string, found: string): Finding => ({ check, status: 'ok', found });

export const warning = (check: string, found: string, advice: string): Finding => ({
  check,
  status: 'warning',
  found,
  advice,
});

export const problem = (check: string, found: string, advice: string): Finding => ({
  check,
  status: 'problem',
  found,
  advice,
});

/** Clocks that differ by more make times in the dashboard and in the API contradict each other. */
const LARGEST_SKEW_SECONDS = 1;

/** Compares the clock of a server with this machine's. `uncertaintySeconds` is what the way took. */
export function clockFinding(check: string, skewSeconds: number, uncertaintySeconds: number): Finding {
  const isAhead = skewSeconds > 0;
  const shown = `${Math.abs(skewSeconds).toFixed(2)} s ${isAhead ? 'ahead of' : 'behind'} this machine`;
  if (Math.abs(skewSeconds) <= LARGEST_SKEW_SECONDS + uncertaintySeconds) return ok(check, shown);
  return warning(check, shown, 'Set both clocks by NTP: times of tasks and samples contradict each other.');
}

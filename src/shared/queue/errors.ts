/** The codes of Redis's replies that mean "not now": the same command works later. */
export const REFUSAL_CODES = [
  'OOM',
  'READONLY',
  'MISCONF',
  'NOREPLICAS',
  'LOADING',
  'BUSY',
  'MASTERDOWN',
  'CLUSTERDOWN',
  'TRYAGAIN',
] as const;

/** The error of a script has the code in its midst. */
const REFUSAL = new RegExp(`\\b(${REFUSAL_CODES.join('|')})\\b`);

/** A command that Redis refused is sent again after this. */
export const REFUSAL_RETRY_MS = 1_000;

/** Whether Redis replied but refuses the command for now: it is out of memory, a replica, loading its data, … */
export function isRefusal(error: Error): boolean {
  return error.name === 'ReplyError' && REFUSAL.test(error.message);
}

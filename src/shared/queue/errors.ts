/**
 * The codes of Redis's replies that mean "not now": nothing is wrong with the command, and it works once somebody or
 * time has mended Redis or its settings. An EXECABORT follows another refusal within the transaction.
 */
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
  'MOVED',
  'ASK',
  'UNBLOCKED',
  'EXECABORT',
  'WRONGTYPE', // of the queue's own keys: a worker puts such a key aside
  'NOAUTH',
  'WRONGPASS',
  'NOPERM',
  'DENIED',
] as const;

/** The error of a script has the code in its midst. */
const REFUSAL = new RegExp(`\\b(${REFUSAL_CODES.join('|')})\\b`);

/** Refusals without a code of their own; the last two are NOPERM within a script, in Redis 6 and 7.0, and later. */
const REFUSAL_TEXT =
  /max number of clients reached|DB index is out of range|unknown command|The user executing the script can't|ACL failure in script/;

/** ioredis gives up on a command when a Cluster refused it often. It puts the last reply into an error of its own. */
const CLUSTER_GAVE_UP = /^Too many Cluster redirections\. Last error: ReplyError: /;

const CONNECTION_LOST =
  /Connection is (closed|discarded|aborted)|Command timed out|Command aborted|Stream isn't writeable|Cluster (isn't ready|is ended)|slots cache|startup nodes|Too many Cluster redirections|max retries|Socket timeout|ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|closed/i;

/** A command that Redis refused is sent again after this. */
export const REFUSAL_RETRY_MS = 1_000;

/** Whether Redis replied but refuses the command for now: it is out of memory, a replica, loading its data, … */
export function isRefusal({ name, message }: Error): boolean {
  if (name !== 'ReplyError' && !CLUSTER_GAVE_UP.test(message)) return false;
  return REFUSAL.test(message) || REFUSAL_TEXT.test(message);
}

/** The code of a refusal: its first known one, else its known text. Refusals for one reason have one code. */
export function refusalCode({ message }: Error): string {
  return REFUSAL.exec(message)?.[1] ?? REFUSAL_TEXT.exec(message)?.[0] ?? message;
}

/** Whether no reply came: the connection is lost, was never there, or Redis did not answer in time. */
export function isConnectionLoss(error: Error): boolean {
  return error.name !== 'ReplyError' && !isRefusal(error) && CONNECTION_LOST.test(error.message);
}

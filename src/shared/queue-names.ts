/** The default queue: of the tasks that neither the client nor TASK_ROUTES puts into another. */
export const QUEUE_NAME = 'tasks';

/** Names that keys beside the queues have in Redis. */
const RESERVED = ['rate', 'quarantine'];

/** Each queue costs a worker a connection, and each look at all tasks a look at its lists. */
export const MOST_QUEUES = 10;

/** A queue that a worker serves, and how many of its tasks run at once. */
export interface QueueSlots {
  readonly queue: string;
  readonly slots: number;
}

/** Reads `tasks:8,gpu:2`. Returns undefined when it is wrong. */
export function parseQueueSlots(text: string): readonly QueueSlots[] | undefined {
  const queues = text.split(',').map((entry) => {
    const [, queue = '', slots = ''] = /^\s*([^:\s]+)\s*:\s*(\d{1,4})\s*$/.exec(entry) ?? [];
    return { queue, slots: Number(slots) };
  });
  const isRight = queues.every(({ slots }) => slots >= 1 && slots <= 1_000);
  return isRight && areNames(queues.map(({ queue }) => queue)) ? queues : undefined;
}

/** What chooses the queue of a task that names none. */
export interface TaskRoutes {
  /** All queues, the default one first. */
  readonly queues: readonly string[];
  queueOf(eventType: string): string;
}

/**
 * Reads `gpu.*=gpu,report.daily=reports,bulk`: the first that fits counts. Returns undefined when it is wrong, as when an
 * earlier entry leaves nothing to a later one.
 */
export function parseTaskRoutes(text: string): TaskRoutes | undefined {
  const entries = text === '' ? [] : text.split(',').map((entry) => entry.trim());
  const routes = entries.map((entry) => {
    const at = entry.indexOf('=');
    return { pattern: at < 0 ? undefined : entry.slice(0, at).trim(), queue: entry.slice(at + 1).trim() };
  });
  const isPattern = /^(\*|[a-z][a-z0-9_.-]{0,63}\*?)$/;
  if (routes.some(({ pattern }) => pattern !== undefined && !isPattern.test(pattern))) return undefined;
  if (
    routes.some(({ pattern }, i) => routes.slice(0, i).some((earlier) => isCovered(pattern, earlier.pattern)))
  )
    return undefined;
  const queues = [...new Set([QUEUE_NAME, ...routes.map(({ queue }) => queue)])];
  if (!areNames(queues)) return undefined;
  return {
    queues,
    queueOf: (eventType) => routes.find(({ pattern }) => isCovered(eventType, pattern))?.queue ?? QUEUE_NAME,
  };
}

/** Whether a pattern fits an event type, or all that another pattern fits. */
function isCovered(typeOrPattern: string | undefined, by: string | undefined): boolean {
  if (typeOrPattern === undefined || by === undefined) return false;
  return by.endsWith('*') ? typeOrPattern.startsWith(by.slice(0, -1)) : typeOrPattern === by;
}

function areNames(queues: readonly string[]): boolean {
  const isName = (queue: string) => /^[a-z][a-z0-9_-]{0,31}$/.test(queue) && !RESERVED.includes(queue);
  return queues.every(isName) && new Set(queues).size === queues.length && queues.length <= MOST_QUEUES;
}

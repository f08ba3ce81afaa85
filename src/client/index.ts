import type {
  AnyHandlers,
  BatchTask,
  EndedTask,
  EventType,
  ListedTask,
  PayloadOf,
  Queue,
  Submitted,
  TaskOf,
  TaskSettings,
  TaskStatus,
} from './task-types.ts';
import { type Answer, type Call, createTransport, errorOf, type TransportOptions } from './transport.ts';
import { type WaitOptions, waitForEnd } from './wait.ts';

/* The entry `asdlc/client` of the package. It uses nothing but fetch, so that it runs in browsers and anywhere else. */

export { AsdlcError } from '../shared/errors.ts';
export type { components, operations, paths } from './openapi.ts';
export type * from './task-types.ts';
export type { WaitOptions } from './wait.ts';

export interface ClientOptions extends TransportOptions {
  /** Is told the header `asdlc-warning` of a submission: no live worker handles an event type. */
  readonly onWarning?: (warning: string) => void;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface SubmitOptions extends CallOptions {
  /** The same key with the same task makes no second one. A new one for each call by default. */
  readonly idempotencyKey?: string | undefined;
}

export interface ListOptions<H> extends CallOptions {
  readonly status?: TaskStatus | undefined;
  readonly event_type?: EventType<H> | undefined;
  /** From 1 to 200; 50 by default. */
  readonly limit?: number | undefined;
  /** The `next_cursor` of an earlier page. */
  readonly cursor?: string | undefined;
}

/** An id, or what a submission returned: then the type of the result is known. */
export type TaskReference<K extends string> = string | { readonly id: string; readonly event_type: K };

type SubmitArguments<P> = undefined extends P
  ? [payload?: P, options?: TaskSettings & SubmitOptions]
  : [payload: P, options?: TaskSettings & SubmitOptions];

export interface Client<H> {
  /** Submits a task. After a 503 it sends it again under the same key: the task runs once. */
  submit<K extends EventType<H>>(
    eventType: K,
    ...args: SubmitArguments<PayloadOf<H, K>>
  ): Promise<Submitted<K>>;
  /** Submits up to 1,000 tasks, all or none of them. The summaries are in the order of the tasks. */
  submitBatch(tasks: readonly BatchTask<H>[], options?: SubmitOptions): Promise<Submitted<EventType<H>>[]>;
  get<K extends EventType<H>>(task: TaskReference<K>, options?: CallOptions): Promise<TaskOf<H, K>>;
  /** Returns the task when it is completed or dead. Throws ASDLC_WAIT_TIMEOUT after `timeoutMs`. */
  wait<K extends EventType<H>>(task: TaskReference<K>, options?: WaitOptions): Promise<EndedTask<H, K>>;
  /** Returns one page, without payloads and results. */
  list(options?: ListOptions<H>): Promise<{ tasks: ListedTask<H>[]; next_cursor: string | null }>;
  /** Queues a dead task again, with all its attempts. */
  retry(id: string, options?: CallOptions): Promise<Submitted<EventType<H>>>;
  /** Removes a task that does not run. */
  cancel(id: string, options?: CallOptions): Promise<void>;
  /** Returns the state of the queue. */
  queue(options?: CallOptions): Promise<Queue>;
  /** Stops all workers from taking tasks. */
  pause(options?: CallOptions): Promise<void>;
  /** Lets them take tasks again. */
  resume(options?: CallOptions): Promise<void>;
}

/**
 * Returns a client of the orchestrator at `url`. With `createClient<typeof handlers>` payloads and results have the
 * types of the handlers. Calls throw AsdlcError with the code of the API, or the signal's own reason.
 */
export function createClient<H = AnyHandlers>({ onWarning, ...options }: ClientOptions): Client<H> {
  const send = createTransport(options);
  const call = async <T>(request: Call) => {
    const answer = await send(request);
    if (answer.status >= 400) throw errorOf(answer, options.url);
    return answer as Answer & { readonly body: T }; // as the OpenAPI document describes it
  };
  const submit = async <T>(
    path: string,
    body: object,
    { idempotencyKey = newKey(), signal }: SubmitOptions,
  ) => {
    const headers = { 'idempotency-key': idempotencyKey };
    const answer = await call<T>({ method: 'POST', path, body, headers, signal });
    const warning = answer.headers.get('asdlc-warning');
    if (warning !== null) onWarning?.(warning);
    return answer.body;
  };
  const get = async <K extends EventType<H>>(task: TaskReference<K>, { signal }: CallOptions = {}) =>
    (await call<TaskOf<H, K>>({ path: taskPath(task), signal })).body;
  return {
    submit: (eventType, ...[payload, { idempotencyKey, signal, ...settings } = {}]) =>
      submit('/api/tasks', { ...settings, event_type: eventType, payload }, { idempotencyKey, signal }),
    submitBatch: async (tasks, given = {}) =>
      (await submit<{ tasks: Submitted<EventType<H>>[] }>('/api/tasks/batch', { tasks }, given)).tasks,
    get,
    wait: (task, given = {}) => waitForEnd((signal) => get(task, { signal }), given),
    list: async ({ signal, ...filter } = {}) =>
      (await call<{ tasks: ListedTask<H>[]; next_cursor: string | null }>({ path: listPath(filter), signal }))
        .body,
    retry: async (id, { signal } = {}) => {
      const answer = await send({ method: 'POST', path: `${taskPath(id)}/retry`, signal });
      // An earlier request of this call has queued it already.
      if (answer.status === 409 && answer.isRepeated) {
        const { status, event_type } = await get(id, { signal });
        if (status !== 'dead') return { id, status, event_type };
      }
      if (answer.status >= 400) throw errorOf(answer, options.url);
      return answer.body as Submitted<EventType<H>>; // as the OpenAPI document describes it
    },
    cancel: async (id, { signal } = {}) => {
      const answer = await send({ method: 'DELETE', path: taskPath(id), signal });
      // An earlier request of this call has removed it already.
      if (answer.status === 404 && answer.isRepeated) return;
      if (answer.status >= 400) throw errorOf(answer, options.url);
    },
    queue: async ({ signal } = {}) => (await call<Queue>({ path: '/api/queue', signal })).body,
    pause: async ({ signal } = {}) => void (await call({ method: 'POST', path: '/api/queue/pause', signal })),
    resume: async ({ signal } = {}) =>
      void (await call({ method: 'POST', path: '/api/queue/resume', signal })),
  };
}

function taskPath(task: TaskReference<string>): string {
  return `/api/tasks/${encodeURIComponent(typeof task === 'string' ? task : task.id)}`;
}

function listPath(filter: object): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) if (value !== undefined) query.set(name, String(value));
  return query.size === 0 ? '/api/tasks' : `/api/tasks?${query}`;
}

/** 128 random bits. crypto.randomUUID is missing on pages that did not come over HTTPS. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

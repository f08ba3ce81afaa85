import { type BulkSums, followCursor } from './bulk-sums.ts';
import { followEvents, type StreamedEvent } from './events.ts';
import { createSchedules, type Schedules } from './schedules.ts';
import type {
  AnyHandlers,
  BatchTask,
  BulkAction,
  BulkFilter,
  BulkResult,
  EndedTask,
  ErrorGroups,
  EventType,
  ListedTask,
  PauseResult,
  PayloadOf,
  Queue,
  Submitted,
  TaskHistory,
  TaskLogs,
  TaskOf,
  TaskSettings,
  TaskStatus,
} from './task-types.ts';
import {
  type Answer,
  type Call,
  createTransport,
  errorOf,
  openStream,
  type TransportOptions,
  USUAL_RETRY_MS,
  USUAL_TIMEOUT_MS,
} from './transport.ts';
import { type WaitOptions, waitForEnd } from './wait.ts';

/* The entry `asdlc/client` of the package. It uses nothing but fetch, so that it runs in browsers and anywhere else. */

export { AsdlcError } from '../shared/errors.ts';
export type { BulkSums } from './bulk-sums.ts';
export type { EventGap, EventsReady, StreamedEvent, TaskEvent } from './events.ts';
export type { components, operations, paths } from './openapi.ts';
export type { Schedule, ScheduleDetail, ScheduleRequest, Schedules } from './schedules.ts';
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
  /** One queue; absent: all. */
  readonly queue?: string | undefined;
  readonly event_type?: EventType<H> | undefined;
  /** An id, or what it begins with. */
  readonly id?: string | undefined;
  /** The id of a task: its children, or the task before it in a chain. */
  readonly parent?: string | undefined;
  /** What the last error contains, in upper or lower case. */
  readonly error_contains?: string | undefined;
  /** The error of a group of `errors`. */
  readonly error?: string | undefined;
  /** ISO 8601. */
  readonly created_after?: string | undefined;
  readonly created_before?: string | undefined;
  readonly finished_after?: string | undefined;
  readonly finished_before?: string | undefined;
  /** `run_time`: dead and completed tasks, those that ran longest first, in one page. */
  readonly sort?: 'run_time' | undefined;
  /** From 1 to 200; 50 by default. */
  readonly limit?: number | undefined;
  /** The `next_cursor` of an earlier page. */
  readonly cursor?: string | undefined;
}

export interface EventsOptions<H> extends CallOptions {
  /** The one queue to follow; `tasks` by default. */
  readonly queue?: string | undefined;
  readonly event_type?: EventType<H> | undefined;
  readonly status?: TaskStatus | 'removed' | undefined;
  /** Of one task. */
  readonly id?: string | undefined;
  /** The `place` of an earlier event: what came since then is first. */
  readonly after?: string | undefined;
}

export interface ErrorsOptions<H> extends CallOptions {
  /** `dead` by default. */
  readonly status?: 'dead' | 'delayed' | undefined;
  readonly queue?: string | undefined;
  readonly event_type?: EventType<H> | undefined;
}

export interface ChangeOptions extends CallOptions {
  /** Counts the tasks, and changes none. */
  readonly dryRun?: boolean | undefined;
  /** Is told the sums so far after each call. */
  readonly onProgress?: ((sums: BulkSums) => void) | undefined;
}

export interface PauseOptions<H> extends CallOptions {
  /** Only this queue; absent: all. An event type is paused in all queues. */
  readonly queue?: string | undefined;
  /** Only tasks of this event type; absent: all. */
  readonly event_type?: EventType<H> | undefined;
}

/** An id, or what a submission returned: then the type of the result is known. */
export type TaskReference<K extends string> = string | { readonly id: string; readonly event_type: K };

export interface ListedPage<H> {
  readonly tasks: ListedTask<H>[];
  /** Null at the end. */
  readonly next_cursor: string | null;
  /** How many tasks the orchestrator looked at for this page. */
  readonly looked_at: number;
}

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
  /** Returns the attempts at a task, and who changed it. */
  history(id: string, options?: CallOptions): Promise<TaskHistory>;
  /** Returns the last lines that the task's handler logged. */
  logs(id: string, options?: CallOptions): Promise<TaskLogs>;
  /** Returns the task when it is completed or dead. Throws ASDLC_WAIT_TIMEOUT after `timeoutMs`. */
  wait<K extends EventType<H>>(task: TaskReference<K>, options?: WaitOptions): Promise<EndedTask<H, K>>;
  /**
   * Yields what happens to tasks, for ever. A lost connection goes on where it was. Throws when the orchestrator refuses,
   * or has not answered for `retryForMs`.
   */
  events(options?: EventsOptions<H>): AsyncGenerator<StreamedEvent, never, undefined>;
  /** Returns one page, without payloads and results. */
  list(options?: ListOptions<H>): Promise<ListedPage<H>>;
  /** Groups the errors of dead tasks, or of those between two attempts. */
  errors(options?: ErrorsOptions<H>): Promise<ErrorGroups>;
  /** Queues a dead task again, with all its attempts. */
  retry(id: string, options?: CallOptions): Promise<Submitted<EventType<H>>>;
  /** Makes a delayed task due now. */
  runNow(id: string, options?: CallOptions): Promise<Submitted<EventType<H>>>;
  /** Changes all tasks that match, in as many calls as that takes, each of 1 s at most. */
  changeAll(action: BulkAction, filter: BulkFilter, options?: ChangeOptions): Promise<BulkSums>;
  /** Ends a task that waits, and asks its worker to end one that runs: its status is then still `active`. */
  cancel(id: string, options?: CallOptions): Promise<Submitted<EventType<H>>>;
  /** Removes a task that does not run, and all that is kept of it. */
  remove(id: string, options?: CallOptions): Promise<void>;
  /** Recurring tasks. */
  readonly schedules: Schedules<H>;
  /** Returns the state of the queue. */
  queue(options?: CallOptions): Promise<Queue>;
  /** Stops all workers from taking tasks, of one event type or of all. */
  pause(options?: PauseOptions<H>): Promise<PauseResult>;
  /** Lets them take tasks again: those of one event type, or of all that are not paused by themselves. */
  resume(options?: PauseOptions<H>): Promise<PauseResult>;
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
  const look = async <K extends EventType<H>>(
    task: TaskReference<K>,
    wait: number,
    signal: AbortSignal | undefined,
  ) =>
    (await call<TaskOf<H, K>>({ path: withQuery(taskPath(task), { wait: wait || undefined }), signal })).body;
  const get = <K extends EventType<H>>(task: TaskReference<K>, { signal }: CallOptions = {}) =>
    look(task, 0, signal);
  const changeOne = async (
    id: string,
    action: string,
    { signal }: CallOptions = {},
    isDone: (status: TaskStatus) => boolean = () => true,
  ) => {
    const answer = await send({ method: 'POST', path: `${taskPath(id)}/${action}`, signal });
    if (answer.status === 409 && answer.isRepeated) {
      const { status, event_type, queue } = await get(id, { signal });
      if (isDone(status)) return { id, status, event_type, queue }; // by an earlier request of this call
    }
    if (answer.status >= 400) throw errorOf(answer, options.url);
    return answer.body as Submitted<EventType<H>>; // as the OpenAPI document describes it
  };
  return {
    submit: (eventType, ...[payload, { idempotencyKey, signal, ...settings } = {}]) =>
      submit('/api/tasks', { ...settings, event_type: eventType, payload }, { idempotencyKey, signal }),
    submitBatch: async (tasks, given = {}) =>
      (await submit<{ tasks: Submitted<EventType<H>>[] }>('/api/tasks/batch', { tasks }, given)).tasks,
    get,
    history: async (id, { signal } = {}) =>
      (await call<TaskHistory>({ path: `${taskPath(id)}/history`, signal })).body,
    logs: async (id, { signal } = {}) =>
      (await call<TaskLogs>({ path: `${taskPath(id)}/logs`, signal })).body,
    wait: (task, given = {}) =>
      waitForEnd(
        (seconds, signal) => look(task, seconds, signal),
        given,
        options.timeoutMs ?? USUAL_TIMEOUT_MS,
      ),
    events: ({ after, signal, ...filter } = {}) =>
      followEvents(
        (place, ended) =>
          openStream(options, withQuery('/api/events', filter), { after: place, signal: ended }),
        { after, signal, retryForMs: options.retryForMs ?? USUAL_RETRY_MS },
      ),
    list: async ({ signal, ...filter } = {}) =>
      (
        await call<ListedPage<H>>({
          path: withQuery('/api/tasks', filter),
          signal,
        })
      ).body,
    errors: async ({ signal, ...filter } = {}) =>
      (await call<ErrorGroups>({ path: withQuery('/api/errors', filter), signal })).body,
    retry: (id, given) => changeOne(id, 'retry', given, (status) => status !== 'dead'),
    runNow: (id, given) => changeOne(id, 'run', given),
    changeAll: (action, filter, { dryRun, onProgress, signal } = {}) =>
      followCursor(async (cursor) => {
        const body = { action, filter, ...(dryRun && { dry_run: true }), ...(cursor && { cursor }) };
        return (await call<BulkResult>({ method: 'POST', path: '/api/tasks/bulk', body, signal })).body;
      }, onProgress),
    cancel: (id, given) => changeOne(id, 'cancel', given),
    remove: async (id, { signal } = {}) => {
      const answer = await send({ method: 'DELETE', path: taskPath(id), signal });
      // An earlier request of this call has removed it already.
      if (answer.status === 404 && answer.isRepeated) return;
      if (answer.status >= 400) throw errorOf(answer, options.url);
    },
    schedules: createSchedules({ send, url: options.url, newKey, onWarning }),
    queue: async ({ signal } = {}) => (await call<Queue>({ path: '/api/queue', signal })).body,
    pause: async ({ event_type, queue, signal } = {}) =>
      (await call<PauseResult>({ method: 'POST', path: pausablePath('pause', event_type, queue), signal }))
        .body,
    resume: async ({ event_type, queue, signal } = {}) =>
      (await call<PauseResult>({ method: 'POST', path: pausablePath('resume', event_type, queue), signal }))
        .body,
  };
}

function taskPath(task: TaskReference<string>): string {
  return `/api/tasks/${encodeURIComponent(typeof task === 'string' ? task : task.id)}`;
}

function pausablePath(
  action: 'pause' | 'resume',
  eventType: string | undefined,
  queue: string | undefined,
): string {
  if (eventType === undefined) return withQuery(`/api/queue/${action}`, { queue });
  return `/api/event-types/${encodeURIComponent(eventType)}/${action}`;
}

function withQuery(path: string, filter: object): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) if (value !== undefined) query.set(name, String(value));
  return query.size === 0 ? path : `${path}?${query}`;
}

/** 128 random bits. crypto.randomUUID is missing on pages that did not come over HTTPS. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

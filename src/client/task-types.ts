import type { components } from './openapi.ts';

/* The types of tasks by event type, from `typeof handlers`; without it, event types are text and payloads are unknown. */

type Schemas = components['schemas'];

/** What handlers may be: functions, or objects with a function `handle`. */
export type AnyHandlers = Readonly<Record<string, unknown>>;

export type EventType<H> = Extract<keyof H, string>;

type FunctionOf<Entry> = Entry extends { readonly handle: infer F } ? F : Entry;

/** The payload that a handler expects: what its types say, else unknown. */
export type PayloadOf<H, K extends EventType<H>> =
  FunctionOf<H[K]> extends (task: infer T extends { payload: unknown }) => unknown ? T['payload'] : unknown;

/** What a handler returns, as JSON carries it. */
export type ResultOf<H, K extends EventType<H>> =
  // biome-ignore lint/suspicious/noExplicitAny: only the result counts here, whatever the handler takes
  FunctionOf<H[K]> extends (task: any) => infer R ? Serialized<Awaited<R>> : unknown;

/** What comes back of a value that went through JSON. */
export type Serialized<T> = unknown extends T
  ? unknown
  : T extends { toJSON(): infer J }
    ? J
    : T extends string | number | boolean | null
      ? T
      : // biome-ignore lint/suspicious/noConfusingVoidType: a handler that returns nothing has this result
        T extends undefined | void
        ? null
        : T extends object
          ? { [P in keyof T]: Serialized<T[P]> }
          : never;

/** A task as the orchestrator shows it; `event_type` tells which payload and result it has. */
export type TaskOf<H, K extends EventType<H> = EventType<H>> =
  K extends EventType<H>
    ? Omit<Schemas['Task'], 'event_type' | 'payload' | 'result'> & {
        event_type: K;
        payload: Serialized<PayloadOf<H, K>>;
        /** What the handler returned; null until the task is completed. */
        result: ResultOf<H, K> | null;
      }
    : never;

/** A task that has ended. `result` is the handler's when the status is `completed`; a dead task has an `error`. */
export type EndedTask<H, K extends EventType<H> = EventType<H>> =
  K extends EventType<H>
    ?
        | (TaskOf<H, K> & { status: 'completed'; result: ResultOf<H, K> })
        | (TaskOf<H, K> & { status: 'dead'; result: null })
    : never;

/** What a submission returns. */
export type Submitted<K extends string> = Schemas['SubmittedTask'] & { event_type: K };

/** What a pause or resume returns. Of an event type, `handled` says whether a live worker handles it. */
export type PauseResult = Pick<Schemas['QueuePause'] | Schemas['EventTypeState'], 'paused'> & {
  handled?: boolean;
};

/** When and how a task runs, by the API's names. */
export type TaskSettings = Omit<Schemas['TaskRequest'], 'event_type' | 'payload'>;

/** One task of a batch. */
export type BatchTask<H, K extends EventType<H> = EventType<H>> =
  K extends EventType<H>
    ? TaskSettings & { readonly event_type: K } & (undefined extends PayloadOf<H, K>
          ? { readonly payload?: PayloadOf<H, K> }
          : { readonly payload: PayloadOf<H, K> })
    : never;

export type TaskStatus = Schemas['TaskStatus'];
export type ListedTask<H> = Omit<Schemas['ListedTask'], 'event_type'> & { event_type: EventType<H> };
export type Queue = Schemas['Queue'];
export type TaskHistory = Schemas['TaskHistory'];
export type TaskLogs = Schemas['TaskLogs'];
export type BulkAction = Schemas['BulkAction'];
export type BulkFilter = Schemas['BulkFilter'];
export type BulkResult = Schemas['BulkResult'];
export type ErrorGroups = Schemas['ErrorGroups'];

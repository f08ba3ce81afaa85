import type { components } from './openapi.ts';
import type { EventType, PayloadOf, Submitted } from './task-types.ts';
import { type Answer, type Call, errorOf, type Send } from './transport.ts';

type Schemas = components['schemas'];

export type Schedule = Schemas['Schedule'];
export type ScheduleDetail = Schemas['ScheduleDetail'];

/** When it is due: by a cron expression, or at an interval. */
type ScheduleTiming =
  | { readonly cron: string; readonly time_zone?: string; readonly every_ms?: undefined }
  | { readonly every_ms: number; readonly cron?: undefined; readonly time_zone?: undefined };

type PayloadField<P> = undefined extends P ? { readonly payload?: P } : { readonly payload: P };

/** A recurring task of one of the event types. */
export type ScheduleRequest<H> = {
  [K in EventType<H>]: ScheduleTiming & {
    readonly event_type: K;
    readonly priority?: number;
    readonly max_attempts?: number;
  } & PayloadField<PayloadOf<H, K>>;
}[EventType<H>];

interface Options {
  readonly signal?: AbortSignal | undefined;
}

/** Recurring tasks. */
export interface Schedules<H> {
  /** Returns all, without their payloads. */
  list(options?: Options): Promise<Schedule[]>;
  get(id: string, options?: Options): Promise<ScheduleDetail>;
  /** Makes or replaces one. */
  put(id: string, schedule: ScheduleRequest<H>, options?: Options): Promise<Schedule>;
  /** Lets it make no tasks. */
  pause(id: string, options?: Options): Promise<Schedule>;
  /** Lets it make tasks again. What was due meanwhile is left out. */
  resume(id: string, options?: Options): Promise<Schedule>;
  /** Queues one of its tasks now. */
  run(id: string, options?: Options): Promise<Submitted<EventType<H>>>;
  /** Removes it; its tasks stay. */
  remove(id: string, options?: Options): Promise<void>;
}

export interface SchedulesDependencies {
  readonly send: Send;
  readonly url: string;
  /** Makes the key of a call, so that a repeated one queues no second task. */
  readonly newKey: () => string;
  readonly onWarning: ((warning: string) => void) | undefined;
}

export function createSchedules<H>({ send, url, newKey, onWarning }: SchedulesDependencies): Schedules<H> {
  const call = async <T>(request: Call) => {
    const answer = await send(request);
    if (answer.status >= 400) throw errorOf(answer, url);
    return answer as Answer & { readonly body: T }; // as the OpenAPI document describes it
  };
  const change = async (id: string, action: 'pause' | 'resume', { signal }: Options = {}) =>
    (await call<Schedule>({ method: 'POST', path: `${pathOf(id)}/${action}`, signal })).body;
  return {
    list: async ({ signal } = {}) =>
      (await call<Schemas['ScheduleList']>({ path: '/api/schedules', signal })).body.schedules,
    get: async (id, { signal } = {}) => (await call<ScheduleDetail>({ path: pathOf(id), signal })).body,
    put: async (id, body, { signal } = {}) => {
      const answer = await call<Schedule>({ method: 'PUT', path: pathOf(id), body, signal });
      const warning = answer.headers.get('asdlc-warning');
      if (warning !== null) onWarning?.(warning);
      return answer.body;
    },
    pause: (id, options) => change(id, 'pause', options),
    resume: (id, options) => change(id, 'resume', options),
    run: async (id, { signal } = {}) => {
      const headers = { 'idempotency-key': newKey() };
      const path = `${pathOf(id)}/run`;
      return (await call<Submitted<EventType<H>>>({ method: 'POST', path, headers, signal })).body;
    },
    remove: async (id, { signal } = {}) => {
      const answer = await send({ method: 'DELETE', path: pathOf(id), signal });
      // An earlier request of this call has removed it already.
      if (answer.status === 404 && answer.isRepeated) return;
      if (answer.status >= 400) throw errorOf(answer, url);
    },
  };
}

function pathOf(id: string): string {
  return `/api/schedules/${encodeURIComponent(id)}`;
}

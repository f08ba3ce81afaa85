import type { HandlerSchedule } from '../workers/handler.ts';
import type { InputOf } from './payload-schema.ts';

/** A payload is needed where the handler has a schema that takes no `undefined`. */
type PayloadField<F> = F extends { readonly payloadSchema: infer S }
  ? undefined extends InputOf<S>
    ? { readonly payload?: InputOf<S> }
    : { readonly payload: InputOf<S> }
  : { readonly payload?: unknown };

/** A schedule of one of these handlers. */
export type ScheduleOf<H> = {
  readonly [K in keyof H & string]: Omit<HandlerSchedule, 'eventType' | 'payload'> & {
    readonly eventType: K;
  } & PayloadField<H[K]>;
}[keyof H & string];

/** Returns schedules by id, as they were given: for the export `schedules`. Their payloads have the handlers' types. */
export function defineSchedules<H>(
  _handlers: H,
  schedules: Readonly<Record<string, ScheduleOf<H>>>,
): Readonly<Record<string, ScheduleOf<H>>> {
  return schedules;
}

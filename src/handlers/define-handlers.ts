import { CHECK_PAYLOAD, type TaskContext, type TaskHandler } from '../workers/handler.ts';
import { createPayloadCheck, type InputOf, type OutputOf } from './payload-schema.ts';

/** A task whose payload has a type. */
export type TypedTask<P> = Omit<TaskContext, 'payload'> & { readonly payload: P };

/** A handler with the schema of its payload. */
export interface HandlerDefinition<S> {
  /** A schema of TypeBox, another JSON Schema, or any Standard Schema. */
  readonly payload: S;
  /** Gets only payloads that fit. Others make their task dead at once. */
  readonly handle: (task: TypedTask<OutputOf<S>>) => unknown;
}

/** Checks the payload, then calls `handle` with what the schema makes of it. */
export interface CheckedHandler<S, R> {
  (task: TypedTask<InputOf<S>>): Promise<Awaited<R>>;
  readonly payloadSchema: S;
}

/** What `defineHandlers` returns: functions as they were given, and a checked handler for each definition. */
export type DefinedHandlers<H> = {
  readonly [K in keyof H]: H[K] extends { readonly payload: infer S; readonly handle: infer F }
    ? // biome-ignore lint/suspicious/noExplicitAny: only the result counts here, whatever the handler takes
      CheckedHandler<S, F extends (task: any) => infer R ? R : unknown>
    : H[K];
};

/**
 * Returns handlers by event type, each a function: for the workers, for tests, and for `createClient<typeof handlers>`.
 * `S` has the schemas and `H` the handlers as given: so `handle` knows its payload, and the result keeps all types.
 */
export function defineHandlers<S, H>(
  handlers: { readonly [K in keyof S]: TaskHandler | HandlerDefinition<S[K]> } & H,
): DefinedHandlers<H> {
  const defined = Object.entries(handlers).map(([eventType, given]) => [eventType, define(eventType, given)]);
  return Object.fromEntries(defined) as DefinedHandlers<H>; // by define
}

function define(eventType: string, given: unknown): unknown {
  if (typeof given === 'function') return given;
  const { payload, handle } = (given ?? {}) as { payload?: unknown; handle?: unknown }; // checked below
  if (!isObject(payload) || typeof handle !== 'function') {
    const kinds = `{payload: ${typeof payload}, handle: ${typeof handle}}`;
    throw new TypeError(
      `${eventType}: expected a function, or {payload, handle} with a schema and a function; ` +
        `got ${isObject(given) ? kinds : String(given)}`,
    );
  }
  const check = createPayloadCheck(eventType, payload);
  const checked = async (task: TaskContext) => handle({ ...task, payload: await check(task.payload) });
  return Object.assign(checked, { payloadSchema: payload, [CHECK_PAYLOAD]: check });
}

/** The schemas of some libraries are functions. */
function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

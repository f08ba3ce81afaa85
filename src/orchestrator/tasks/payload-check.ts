import { setTimeout as sleep } from 'node:timers/promises';
import { Errors } from 'typebox/schema';
import { payloadInvalid } from '../../shared/errors.ts';
import { MAX_SCHEMA_LENGTH } from '../../shared/queue/payload-schemas.ts';
import { createTimeSlice } from '../../shared/service/time-slice.ts';
import type { JsonText } from './json-text.ts';
import type { TaskRequest } from './task-request.ts';

/** The check must not delay the 503 that follows when Redis does not answer. */
const LOOK_UP_LIMIT_MS = 200;
/** An error names so much of a place, which has keys of the payload. */
const MAX_PLACE_LENGTH = 200;
/**
 * By these keywords a schema could take time without bound: regular expressions, references that branch, comparisons of
 * all items with all. The workers alone check by such a schema.
 */
const COSTLY =
  /"(pattern|patternProperties|propertyNames|format|\$ref|\$dynamicRef|\$recursiveRef|uniqueItems)":/;

export interface PayloadCheckOptions {
  readonly schemas: { all(): Promise<ReadonlyMap<string, readonly string[]>> };
}

/** Throws ASDLC_PAYLOAD_INVALID for the first task whose payload no announced schema of its event type takes. */
export type PayloadCheck = (tasks: readonly Pick<TaskRequest, 'event_type' | 'payload'>[]) => Promise<void>;

/** The schemas are interpreted, not compiled: what others wrote into Redis must not become code. */
export function createPayloadCheck({ schemas }: PayloadCheckOptions): PayloadCheck {
  return async (tasks) => {
    const known = await Promise.race([schemas.all(), sleep(LOOK_UP_LIMIT_MS, undefined, { ref: false })]);
    if (known === undefined || known.size === 0) return;
    const parsed = new Map<string, readonly (object | undefined)[]>();
    const endOfStep = createTimeSlice();
    for (const { event_type, payload } of tasks) {
      await endOfStep();
      let candidates = parsed.get(event_type);
      if (candidates === undefined) {
        candidates = (known.get(event_type) ?? []).map(parseSchema);
        parsed.set(event_type, candidates);
      }
      const place = misfit(candidates, payload);
      if (place !== undefined) throw payloadInvalid(event_type, place);
    }
  };
}

/** Undefined takes anything. */
function parseSchema(text: string): object | undefined {
  if (text === '' || text.length > MAX_SCHEMA_LENGTH || COSTLY.test(text)) return undefined;
  try {
    const schema: unknown = JSON.parse(text);
    return typeof schema === 'object' && schema !== null ? schema : undefined;
  } catch {
    return undefined; // anything may be in Redis
  }
}

/** Returns what the last schema finds wrong when all refuse the payload: older ones may live beside it. */
function misfit(schemas: readonly (object | undefined)[], payload: JsonText | undefined): string | undefined {
  if (schemas.length === 0 || schemas.includes(undefined)) return undefined; // spares parsing
  const value: unknown = payload === undefined ? null : JSON.parse(payload.text);
  let place: string | undefined;
  for (const schema of schemas) {
    place = schema && problemBy(schema, value);
    if (place === undefined) return undefined;
  }
  return place;
}

function problemBy(schema: object, value: unknown): string | undefined {
  try {
    const [fits, [first]] = Errors(schema, value);
    if (fits) return undefined;
    const place = (first?.instancePath ?? '').slice(0, MAX_PLACE_LENGTH);
    const message = first?.message ?? 'must fit the schema';
    return place === '' ? message : `${place}: ${message}`;
  } catch {
    return undefined; // a schema that cannot be used refuses nothing
  }
}

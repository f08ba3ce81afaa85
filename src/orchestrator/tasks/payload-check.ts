import { Errors } from 'typebox/schema';
import { payloadInvalid } from '../../shared/errors.ts';
import { MAX_SCHEMA_LENGTH } from '../../shared/queue/payload-schemas.ts';
import { createTimeSlice } from '../../shared/service/time-slice.ts';
import type { JsonText } from './json-text.ts';
import { lookUp } from './look-up.ts';
import type { TaskRequest } from './task-request.ts';

/** An error names so much of a place, which has keys of the payload. */
const MAX_PLACE_LENGTH = 200;
/**
 * By these keywords a schema could take time without bound: regular expressions, references that branch, comparisons of
 * all items with all. The workers alone check by such a schema.
 */
const COSTLY =
  /"(pattern|patternProperties|propertyNames|format|\$ref|\$dynamicRef|\$recursiveRef|uniqueItems)":/;

/** The schemas as text, by event type. */
type Announced = ReadonlyMap<string, readonly string[]>;

export interface PayloadCheckOptions {
  /** The lists are the same ones until they are read from Redis again: each is parsed once. */
  readonly schemas: { all(): Promise<Announced> };
}

/** Throws ASDLC_PAYLOAD_INVALID for the first task whose payload no announced schema of its event type takes. */
export type PayloadCheck = (tasks: readonly Pick<TaskRequest, 'event_type' | 'payload'>[]) => Promise<void>;

/** The schemas are interpreted, not compiled: what others wrote into Redis must not become code. */
export function createPayloadCheck({ schemas }: PayloadCheckOptions): PayloadCheck {
  const parsed = new WeakMap<readonly string[], readonly (object | undefined)[]>();
  const parseOnce = (texts: readonly string[]) => {
    const found = parsed.get(texts) ?? texts.map(parseSchema);
    parsed.set(texts, found);
    return found;
  };
  return async (tasks) => {
    const known = await lookUp(schemas.all());
    if (known === undefined || known.size === 0) return;
    const endOfStep = createTimeSlice();
    for (const { event_type, payload } of tasks) {
      await endOfStep();
      const texts = known.get(event_type);
      const place = texts && misfit(parseOnce(texts), payload);
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
  if (schemas.includes(undefined)) return undefined; // spares parsing
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

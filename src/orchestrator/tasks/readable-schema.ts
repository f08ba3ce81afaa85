import { EVENT_TYPE_PATTERN } from '../../shared/http-contract/limits.ts';
import { createTimeSlice } from '../../shared/service/time-slice.ts';

type Json = Readonly<Record<string, unknown>>;

const EVENT_TYPE = new RegExp(EVENT_TYPE_PATTERN);
/** Deeper ones are not shown: they could exhaust the stack of who reads them. */
const MAX_DEPTH = 64;
/** They hold data: what looks like a reference there is none. */
const DATA = new Set(['example', 'examples', 'default', 'const', 'enum']);

/** Returns the schemas of event types that have one that can be shown. They may be megabytes: it works in slices of time. */
export async function readableSchemas(
  announced: ReadonlyMap<string, readonly string[]>,
  placeOf: (eventType: string) => string = () => '#',
): Promise<ReadonlyMap<string, Json>> {
  const endOfStep = createTimeSlice();
  const schemas = new Map<string, Json>();
  for (const [type, texts] of announced) {
    await endOfStep();
    const schema = EVENT_TYPE.test(type) ? readableSchema(texts, placeOf(type)) : undefined; // anything may be in Redis
    if (schema !== undefined) schemas.set(type, schema);
  }
  return schemas;
}

/**
 * Returns one JSON Schema that says what the announced ones of an event type say together. `place` is the URI fragment
 * at which it will stand: its references lead there. Undefined when anything goes, or when one cannot be shown.
 */
export function readableSchema(texts: readonly string[], place = '#'): Json | undefined {
  const schemas = texts.map((text, i) => parse(text, texts.length === 1 ? place : `${place}/anyOf/${i}`));
  if (!schemas.every((schema) => schema !== undefined)) return undefined;
  return schemas.length === 1 ? schemas[0] : { anyOf: schemas };
}

function parse(text: string, place: string): Json | undefined {
  try {
    const schema: unknown = JSON.parse(text);
    const isObject = typeof schema === 'object' && schema !== null && !Array.isArray(schema);
    return isObject ? (moved(schema, place) as Json) : undefined; // an object stays one
  } catch {
    return undefined;
  }
}

/** Throws for a reference to something outside, which no reader of the schema could follow. */
function moved(value: unknown, place: string, depth = 0, isData = false): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) throw new RangeError(`expected at most ${MAX_DEPTH} levels`);
  const within = (each: unknown, key = '') => moved(each, place, depth + 1, isData || DATA.has(key));
  if (Array.isArray(value)) return value.map((each) => within(each));
  const entries = Object.entries(value).flatMap(([key, each]) => {
    if (isData || typeof each !== 'string') return [[key, within(each, key)] as const];
    if (key === '$id' || key === '$schema') return []; // a reference would start from them
    if (key !== '$ref') return [[key, each] as const];
    if (!/^#(\/|$)/.test(each)) throw new RangeError(`expected a reference into the schema; got ${each}`);
    return [[key, place + each.slice(1)] as const];
  });
  return Object.fromEntries(entries);
}

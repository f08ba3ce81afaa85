import { readableSchemas } from './tasks/readable-schema.ts';

interface Document {
  readonly components?: { readonly schemas?: Readonly<Record<string, object>> };
}

/** Returns the OpenAPI document with a schema for the payload of each event type, and a condition of TaskRequest that names it. */
export async function withPayloads(
  document: object,
  announced: ReadonlyMap<string, readonly string[]>,
): Promise<object> {
  const { components } = document as Document; // as fastifySwagger makes it
  const schemas: Record<string, object> = { ...components?.schemas };
  const payloads = await readableSchemas(announced, placeOf);
  if (payloads.size === 0) return document;
  const sorted = [...payloads].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [type, schema] of sorted) schemas[nameOf(type)] = schema;
  const conditions = sorted.map(([type, schema]) => conditionOf(type, schema));
  schemas.TaskRequest = { ...schemas.TaskRequest, allOf: conditions };
  return { ...document, components: { ...components, schemas } };
}

/** No schema of the API itself has a dot. */
const nameOf = (eventType: string) => `Payload.${eventType}`;
const placeOf = (eventType: string) => `#/components/schemas/${nameOf(eventType)}`;

/** A payload that is left out is null. */
function conditionOf(type: string, schema: Readonly<Record<string, unknown>>): object {
  const isNeeded = typeof schema.type === 'string' && schema.type !== 'null';
  return {
    if: { properties: { event_type: { const: type } } },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { ...(isNeeded && { required: ['payload'] }), properties: { payload: { $ref: placeOf(type) } } },
  };
}

import { MAX_SCHEMA_LENGTH } from '../shared/queue/payload-schemas.ts';
import { read } from '../shared/thrown.ts';
import type { Handlers } from './handler.ts';

/** Returns the JSON Schema of each event type as text; undefined where the worker alone can check, or nobody. */
export function announcedSchemas(handlers: Handlers): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(handlers).map(([type, handler]) => [type, schemaText(handler)]));
}

function schemaText(handler: unknown): string | undefined {
  const schema = jsonSchemaOf(read(handler, 'payloadSchema'));
  if (typeof schema !== 'object' || schema === null) return undefined;
  const text = JSON.stringify(schema);
  return text.length > MAX_SCHEMA_LENGTH ? undefined : text;
}

/** A Standard Schema has one only where its library follows Standard JSON Schema, which throws for what it cannot say. */
function jsonSchemaOf(schema: unknown): unknown {
  const standard = read(schema, '~standard');
  if (standard === undefined) return schema;
  const converter = read(standard, 'jsonSchema');
  const toInput = read(converter, 'input');
  if (typeof toInput !== 'function') return undefined;
  try {
    return toInput.call(converter, { target: 'draft-2020-12' });
  } catch {
    return undefined;
  }
}

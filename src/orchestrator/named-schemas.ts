import { isDeepStrictEqual } from 'node:util';

type Json = Readonly<Record<string, unknown>>;

/** They hold data, not schemas. */
const DATA = new Set(['example', 'examples', 'default', 'const', 'enum']);

/**
 * Makes a component of each schema with a title, and refers to it wherever it stood: programs that generate code from the
 * document get named types. Throws when two different schemas have one title.
 */
export function nameSchemas({ paths, components, ...rest }: Json): Json {
  const schemas: Record<string, Json> = {};
  const named = name(paths, schemas);
  const sorted = Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { ...rest, components: { ...(components as Json | undefined), schemas: sorted }, paths: named };
}

/** Returns the value with references in the place of named schemas, which it adds to `schemas`. */
function name(value: unknown, schemas: Record<string, Json>): unknown {
  if (Array.isArray(value)) return value.map((each) => name(each, schemas));
  if (typeof value !== 'object' || value === null) return value;
  const named: Json = Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, DATA.has(key) ? each : name(each, schemas)]),
  );
  const { title, ...schema } = named;
  if (typeof title !== 'string') return named; // it may be a property of that name
  const known = schemas[title];
  if (known !== undefined && !isDeepStrictEqual(shapeOf(known), shapeOf(schema))) {
    throw new Error(`expected one schema with the title ${title}; got two`);
  }
  schemas[title] = { ...schema, ...known };
  return { $ref: `#/components/schemas/${title}` };
}

/**
 * What two uses of one schema have in common. A parameter has the description of its schema, and a response has its
 * examples and headers: there the schema has none.
 */
function shapeOf({ description: _, examples: __, headers: ___, ...shape }: Json): Json {
  return shape;
}

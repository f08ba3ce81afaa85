/** A JSON Schema, as handlers announce it: any of its keywords may be missing, or be something else. */
export type Schema = Readonly<Record<string, unknown>>;

/** One value within a payload, and what it must be. */
export interface PayloadField {
  /** A JSON Pointer, as in the message of a 422. */
  readonly place: string;
  readonly expected: string;
  readonly isRequired: boolean;
  readonly description: string;
}

const MAX_DEPTH = 4;
const MAX_FIELDS = 40;

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

/** The fields of the objects in a payload, outer ones first. Items of lists are not looked into. */
export function payloadFields(root: Schema): PayloadField[] {
  const fields: PayloadField[] = [];
  const visit = (given: Schema, place: string, depth: number) => {
    const schema = resolve(given, root);
    const properties = propertiesOf(schema);
    for (const [name, property] of properties) {
      const inner = `${place}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      const description = property.description ?? resolve(property, root).description;
      fields.push({
        place: inner,
        expected: expectedOf(property, root),
        isRequired: isList(schema.required) && schema.required.includes(name),
        description: typeof description === 'string' ? description : '',
      });
      if (depth < MAX_DEPTH && fields.length < MAX_FIELDS) visit(property, inner, depth + 1);
    }
  };
  visit(root, '', 1);
  return fields.slice(0, MAX_FIELDS);
}

/** A payload to begin with: what is required, with the values that the schema names, else empty ones. */
export function examplePayload(root: Schema): unknown {
  return exampleOf(root, root, 1);
}

function exampleOf(given: Schema, root: Schema, depth: number): unknown {
  const schema = resolve(given, root);
  for (const { examples, default: known, const: only, enum: several } of [given, schema]) {
    const [first] = [examples, several].filter(isList).flat();
    const value = known ?? only ?? first;
    if (value !== undefined) return value;
  }
  const properties = propertiesOf(schema);
  if (schema.type !== 'object' && properties.length === 0) return emptyOf(schema);
  const required = isList(schema.required) && depth <= MAX_DEPTH ? schema.required : [];
  const needed = properties.filter(([name]) => required.includes(name));
  return Object.fromEntries(needed.map(([name, each]) => [name, exampleOf(each, root, depth + 1)]));
}

function emptyOf({ type, minimum }: Schema): unknown {
  const [first] = isList(type) ? type : [type];
  const values: Readonly<Record<string, unknown>> = { string: '', boolean: false, array: [] };
  const number = typeof minimum === 'number' ? minimum : 0;
  return first === 'number' || first === 'integer' ? number : (values[String(first)] ?? null);
}

/** In words: `number ≥ 0`, `"a" or "b"`, `list of string`. */
function expectedOf(given: Schema, root: Schema, depth = 1): string {
  const schema = resolve(given, root);
  if (depth > MAX_DEPTH) return 'any';
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (isList(schema.enum)) return schema.enum.map((value) => JSON.stringify(value)).join(' or ');
  const several = schema.anyOf ?? schema.oneOf;
  if (isList(several))
    return [...new Set(several.filter(isSchema).map((each) => expectedOf(each, root, depth + 1)))].join(
      ' or ',
    );
  const { type, minimum, maximum, items } = schema;
  if (type === 'array') return isSchema(items) ? `list of ${expectedOf(items, root, depth + 1)}` : 'list';
  const from = typeof minimum === 'number' ? ` ≥ ${minimum}` : '';
  const to = typeof maximum === 'number' ? ` ≤ ${maximum}` : '';
  return `${isList(type) ? type.join(' or ') : (type ?? 'any')}${from}${to}`;
}

function propertiesOf({ properties }: Schema): (readonly [string, Schema])[] {
  if (!isSchema(properties)) return [];
  return Object.entries(properties).filter((entry): entry is [string, Schema] => isSchema(entry[1]));
}

/** Follows a reference. Of several schemas at the root, as during a deploy, the last stands for all. */
function resolve(schema: Schema, root: Schema): Schema {
  let found: unknown = schema;
  for (let step = 0; step < MAX_DEPTH && isSchema(found); step++) {
    const { $ref, anyOf, allOf }: Schema = found;
    if (typeof $ref === 'string') found = at(root, $ref);
    else if (found === root && isList(anyOf)) found = anyOf.at(-1);
    else if (isList(allOf) && allOf.length === 1)
      found = { ...found, ...(allOf[0] as object), allOf: undefined };
    else return found;
  }
  return isSchema(found) ? found : {};
}

function at(root: Schema, reference: string): unknown {
  const keys = reference.split('/').slice(1);
  return keys.reduce<unknown>((value, key) => {
    const name = key.replaceAll('~1', '/').replaceAll('~0', '~');
    return isSchema(value) || isList(value) ? (value as Schema)[name] : undefined; // a list has its indices
  }, root);
}

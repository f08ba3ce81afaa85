import { Ajv, type Options, type ValidateFunction } from 'ajv';

/**
 * Returns an Ajv for schemas that TypeBox made, and for no others: it takes them as they are. To check them by JSON
 * Schema's own schema would take 100 ms of each start, for each Ajv.
 */
export function createAjv(options: Options = {}): Ajv {
  return new Ajv({ verbose: true, meta: false, validateSchema: false, ...options });
}

let shared: Ajv | undefined;

/** Returns a function that says whether a value fits, and changes nothing. Its `errors` have what `describeSchemaError` takes. */
export function compileSchema<T>(schema: object): ValidateFunction<T> {
  shared ??= createAjv();
  return shared.compile<T>(schema);
}

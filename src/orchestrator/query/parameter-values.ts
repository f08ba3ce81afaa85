import { QueryError } from '../../shared/errors.ts';
import { checkRange, parseTime } from './time-parameters.ts';

/** Returns the value of a parameter that may come once. Throws bad_data when it comes more often. */
export function single(form: URLSearchParams, name: string): string | undefined {
  const [value, ...more] = form.getAll(name);
  if (more.length === 0) return value;
  throw new QueryError('bad_data', `${name}: expected once; got ${more.length + 1} times`);
}

/** As `single`, but throws bad_data when the parameter is missing. */
export function required(form: URLSearchParams, name: string): string {
  const value = single(form, name);
  if (value !== undefined) return value;
  throw new QueryError('bad_data', `${name}: expected a value; the parameter is missing`);
}

/** Returns the name of a service, 1 to 256 characters; undefined when it is not given. */
export function readService(form: URLSearchParams): string | undefined {
  const service = single(form, 'service');
  if (service === undefined || (service !== '' && service.length <= 256)) return service;
  throw new QueryError(
    'bad_data',
    `service: expected a name of 1 to 256 characters; got ${service.length} characters`,
  );
}

/** Copies a time to `parameters` if it is given, and returns it in seconds. */
export function passTime(
  form: URLSearchParams,
  parameters: URLSearchParams,
  name: string,
): number | undefined {
  const text = single(form, name);
  if (text === undefined || text === '') return undefined;
  const seconds = parseTime(name, text);
  parameters.set(name, `${seconds}`);
  return seconds;
}

/** Copies `start` and `end` to `parameters` as far as they are given. Throws bad_data when `end` is before `start`. */
export function passTimes(form: URLSearchParams, parameters: URLSearchParams): void {
  const start = passTime(form, parameters, 'start');
  const end = passTime(form, parameters, 'end');
  if (start !== undefined && end !== undefined) checkRange(start, end, Number.POSITIVE_INFINITY);
}

/** Copies a limit to `parameters` if it is given. */
export function passLimit(form: URLSearchParams, parameters: URLSearchParams, name: string): void {
  const text = single(form, name);
  if (text === undefined || text === '') return;
  if (!/^-?\d{1,15}$/.test(text)) {
    throw new QueryError('bad_data', `${name}: expected a whole number; got ${JSON.stringify(text)}`);
  }
  parameters.set(name, `${Number(text)}`);
}

/** Returns a whole number from `min` to `max`; undefined when it is not given. Throws bad_data when it is another one. */
export function readWhole(
  form: URLSearchParams,
  name: string,
  { min, max, of }: { min: number; max: number; of: string },
): number | undefined {
  const text = single(form, name);
  if (text === undefined) return undefined;
  const number = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw new QueryError(
    'bad_data',
    `${name}: expected a whole number of ${of} from ${min} to ${max}; got ${JSON.stringify(text.slice(0, 100))}`,
  );
}

import { QueryError } from '../../shared/errors.ts';

/** The router answers 413 for a larger form, before it has read it. */
export const MAX_FORM_BYTES = 128 * 1024;

/** In form and URL together. */
const MAX_PARAMETERS = 200;

/** Of all queries and selectors of a request together: each is parsed, some several times. */
const MAX_PROMQL_BYTES = 32 * 1024;

const PROMQL_PARAMETERS = ['query', 'match[]'];

/**
 * Returns the parameters of a form, then those of a URL, in Prometheus's order. Throws bad_data for a request that would
 * take too long, before it does any work that grows with the number of parameters or with the PromQL.
 */
export function readWithinBudget(form: string, urlQuery: string): URLSearchParams {
  const texts = [form, urlQuery].filter((text) => text !== '');
  const count = texts.reduce((sum, text) => sum + countParameters(text), 0);
  if (count > MAX_PARAMETERS) {
    throw new QueryError('bad_data', `expected at most ${MAX_PARAMETERS} parameters; got ${count}`);
  }
  const parameters = new URLSearchParams(texts.join('&'));
  const promql = PROMQL_PARAMETERS.flatMap((name) => parameters.getAll(name));
  const size = promql.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (size > MAX_PROMQL_BYTES) {
    throw new QueryError(
      'bad_data',
      `expected at most ${MAX_PROMQL_BYTES} bytes of queries and selectors in all; got ${size}`,
    );
  }
  return parameters;
}

/** Counts as many as there are separators, and one: empty ones count too. */
function countParameters(text: string): number {
  let count = 1;
  for (let at = text.indexOf('&'); at !== -1; at = text.indexOf('&', at + 1)) count++;
  return count;
}

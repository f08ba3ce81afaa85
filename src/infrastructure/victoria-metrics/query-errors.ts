import { QueryError } from '../../shared/errors.ts';
import { MAX_PARSED_BYTES } from './json-scan.ts';

/** Largest body that is passed on, as it comes from the TSDB (compressed or not). */
export const MAX_BODY_BYTES = 64 * 1024 * 1024;

const TIME_LIMIT =
  /"errorType":"timeout"|timeout exceeded|context deadline exceeded|search\.maxQueryDuration/;

/**
 * Returns the error for a response that is not a result. VictoriaMetrics sends 422 for a bad query, for one that fails
 * and for one that takes too long, and 503 in an overload (newer versions: 400 and 429). Prometheus sends 503 for a
 * query that takes too long. `text` is only searched: it may hold addresses, so the error does not contain it.
 */
export function refusedBy(statusCode: number, text: string): QueryError {
  if ((statusCode === 422 || statusCode === 503) && TIME_LIMIT.test(text)) {
    return new QueryError('timeout', 'The TSDB gave up the query at its own time limit.');
  }
  if (statusCode === 400) return new QueryError('bad_data', 'The TSDB refused the query as malformed.');
  if (statusCode === 422) return new QueryError('execution', 'The TSDB could not execute the query.');
  if (statusCode === 429 || statusCode === 503) {
    return new QueryError('unavailable', 'The TSDB is overloaded.');
  }
  return new QueryError(
    'unavailable',
    `Expected a query result from the TSDB; got another response (status ${statusCode}).`,
  );
}

export function notAResult(cause?: unknown): QueryError {
  return new QueryError('unavailable', 'Expected a query result from the TSDB; got another response.', {
    cause,
  });
}

export function bodyTooLarge(): QueryError {
  return new QueryError(
    'execution',
    `Expected a result of at most ${MAX_BODY_BYTES} bytes; got more. Ask for fewer series or points.`,
  );
}

/** Of a result that the orchestrator would have to read. The same query with a longer step may succeed. */
export class ResultTooLarge extends QueryError {
  constructor(message: string) {
    super('execution', message);
  }
}

export function tooMuchToParse(): ResultTooLarge {
  return new ResultTooLarge(
    `Expected a result of at most ${MAX_PARSED_BYTES} bytes and some 250,000 points; got more. Ask for fewer series or points.`,
  );
}

export function brokenOff(cause?: unknown): QueryError {
  return new QueryError('unavailable', 'The TSDB broke off its response.', { cause });
}

export function timedOut(limitMs: number): QueryError {
  return new QueryError('timeout', `The query was not answered within ${limitMs / 1000} s.`);
}

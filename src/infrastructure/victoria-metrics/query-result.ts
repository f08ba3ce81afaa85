import type { QueryResponse } from './coalesced-request.ts';
import { notAResult } from './query-errors.ts';

type Point = readonly [time: number, value: string];

/** One series of a query result: `values` of a range query, `value` of an instant query. */
export interface QuerySample {
  readonly metric: Readonly<Record<string, string>>;
  readonly values?: readonly Point[];
  readonly value?: Point;
}

/** One sample of an instant vector. */
export type VectorSample = QuerySample & { readonly value: Point };

/** Reads the `data` of an uncompressed response: an object or a list. Rejects with `unavailable` for anything else. */
export async function readData({ body }: QueryResponse): Promise<object> {
  const chunks: Buffer[] = [];
  if (Buffer.isBuffer(body)) chunks.push(body);
  else for await (const chunk of body) chunks.push(chunk as Buffer); // CoalescedRequest writes Buffers only
  try {
    const { data } = JSON.parse(Buffer.concat(chunks).toString()) as { data?: unknown };
    if (typeof data === 'object' && data !== null) return data;
  } catch (cause) {
    throw notAResult(cause);
  }
  throw notAResult();
}

/** Returns the series of a query's `data`. A scalar becomes one series without labels. Throws `unavailable`. */
export function samplesOf(data: object): readonly QuerySample[] {
  const given = data as { resultType?: unknown; result?: unknown };
  const result = given.resultType === 'scalar' ? [{ metric: {}, value: given.result }] : given.result;
  if (!Array.isArray(result) || !result.every(isSample)) throw notAResult();
  return result;
}

export function isVectorSample(sample: QuerySample): sample is VectorSample {
  return sample.value !== undefined;
}

function isSample(given: unknown): given is QuerySample {
  const { metric, value = [], values = [] } = (given ?? {}) as Partial<QuerySample>; // checked here
  return typeof metric === 'object' && metric !== null && Array.isArray(value) && Array.isArray(values);
}

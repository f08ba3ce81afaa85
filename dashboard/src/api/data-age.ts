import { followAge } from '../view/default-range.ts';
import { lacks } from './access.ts';
import { getData } from './client.ts';

/** Any process of ours has it from its start. */
const QUERY = 'count(asdlc_service_info)';
const LOOKED_AT_SECONDS = 3_600;
const STEP_SECONDS = 60;
/** A TSDB that hangs must not hold up the page. */
const LATEST_MS = 1_000;

let asked: Promise<void> | undefined;

/** Finds out once since when there are data, and lets the default range follow. It resolves within a second. */
export function knowDataAge(): Promise<void> {
  asked ??= lacks('metrics:read') ? Promise.resolve() : ask().catch(() => undefined); // the panels say why
  return asked;
}

async function ask(): Promise<void> {
  const signal = AbortSignal.timeout(LATEST_MS);
  const end = Math.floor(Date.now() / 1000);
  const search = new URLSearchParams({ query: QUERY, step: `${STEP_SECONDS}` });
  search.set('start', String(end - LOOKED_AT_SECONDS));
  search.set('end', String(end));
  const path = `/api/metrics/query_range?${search}`;
  const { result } = await getData<{ readonly result: readonly Series[] }>(path, { signal });
  const [first] = result[0]?.values ?? [];
  followAge(first === undefined ? end : first[0] - STEP_SECONDS);
}

interface Series {
  readonly values: readonly (readonly [time: number, value: string])[];
}

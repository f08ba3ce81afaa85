import type { ErrorGroups } from '../../../src/shared/http-contract/errors.ts';
import type { HealthReport } from '../../../src/shared/http-contract/health.ts';
import type { QueueState } from '../../../src/shared/http-contract/queue.ts';
import type { WorkerList } from '../../../src/shared/http-contract/workers.ts';
import { ApiError } from '../api/api-error.ts';
import { getData, getJson } from '../api/client.ts';
import type { Alert } from '../overview/alerts.ts';
import { rememberGroups } from './group-memory.ts';
import type { Grid } from './rules/intervals.ts';
import { TIMELINE_QUERY, type TimelineSeries } from './rules/series-query.ts';
import type { Answer, Answers } from './timeline.ts';

/** A source that hangs must not hold up the others for long. */
const LATEST_MS = 8_000;

/** Asks all sources at once. Each that fails or is late is missing, with the reason. */
export async function loadAnswers(grid: Grid, signal: AbortSignal): Promise<Answers> {
  const late = AbortSignal.timeout(LATEST_MS);
  const options = { signal: AbortSignal.any([signal, late]) };
  const answer = async <T>(asked: Promise<T>): Promise<Answer<T>> => {
    try {
      return { data: await asked };
    } catch (error) {
      signal.throwIfAborted();
      if (late.aborted && !(error instanceof ApiError))
        return { missing: `No response for ${LATEST_MS / 1000} s.` };
      return { missing: error instanceof ApiError ? error.reason : String(error) };
    }
  };
  const search = new URLSearchParams({ query: TIMELINE_QUERY });
  for (const name of ['start', 'end', 'step'] as const) search.set(name, String(grid[name]));
  const [series, workers, errors, queue, readiness, alerts] = await Promise.all([
    answer(
      getData<{ readonly result: readonly TimelineSeries[] }>(
        `/api/metrics/query_range?${search}`,
        options,
      ).then(({ result }) => result),
    ),
    answer(getJson<WorkerList>('/api/workers', options)),
    answer(
      getJson<ErrorGroups>('/api/errors', options).then((all) => ({
        groups: rememberGroups(all, { ofAll: true }),
      })),
    ),
    answer(getJson<QueueState>('/api/queue', options)),
    answer(getJson<HealthReport>('/health/ready', { ...options, accept: [503] })),
    answer(
      getData<{ readonly alerts: readonly Alert[] }>('/api/metrics/prom/api/v1/alerts', options).then(
        (data) => data.alerts,
      ),
    ),
  ]);
  return { series, workers, errors, queue, readiness, alerts };
}

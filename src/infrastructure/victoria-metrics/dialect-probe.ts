import { QueryError } from '../../shared/errors.ts';
import type { QueryOptions, VictoriaMetricsClient } from './client.ts';

/** A query that only VictoriaMetrics knows. */
const METRICSQL_QUERY = 'now()';

/** Finds out whether the TSDB is VictoriaMetrics, and so heeds `extra_label`. */
export class DialectProbe {
  readonly #client: VictoriaMetricsClient;
  #knowsMetricsql: boolean | undefined;

  constructor(client: VictoriaMetricsClient) {
    this.#client = client;
  }

  /** Asks the TSDB until it has answered once. Rejects with a QueryError while it does not answer. */
  async knowsMetricsql(options?: QueryOptions): Promise<boolean> {
    try {
      this.#knowsMetricsql ??= (await this.#client.instant('query', METRICSQL_QUERY, options)).length > 0;
    } catch (error) {
      if (!(error instanceof QueryError && error.errorType === 'bad_data')) throw error;
      this.#knowsMetricsql = false;
    }
    return this.#knowsMetricsql;
  }
}

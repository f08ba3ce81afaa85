import type { PrometheusConfig } from '@prometheus-io/codemirror-promql/dist/esm/client/prometheus.js';
import { currentToken } from '../../api/token.ts';

/**
 * Completion takes names from our own API, with the token that the operator has entered. It never asks for a token:
 * without one there is no completion, and a run of the query asks for it.
 */
export function completionSource(service: string | null): PrometheusConfig {
  return {
    url: '/api/metrics/prom',
    httpMethod: 'GET',
    fetchFn: (input, init) => {
      const token = currentToken();
      return fetch(withService(String(input), service), {
        ...init,
        headers: {
          accept: 'application/json',
          ...(token !== null && { authorization: `Bearer ${token}` }),
        },
      });
    },
    // Completion is only a help: it fails in silence.
    httpErrorHandler: () => undefined,
  };
}

function withService(path: string, service: string | null): string {
  if (service === null) return path;
  return `${path}${path.includes('?') ? '&' : '?'}${new URLSearchParams({ service })}`;
}

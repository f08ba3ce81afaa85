import type { PrometheusConfig } from '@prometheus-io/codemirror-promql/dist/esm/client/prometheus.js';
import { currentToken } from '../../api/token.ts';

/**
 * Where completion asks for names: our own API, with the token that was given for it. It never asks for a token by
 * itself: without one there is no completion, and running the query asks.
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
    // It is only a help: it is silent where it fails.
    httpErrorHandler: () => undefined,
  };
}

function withService(path: string, service: string | null): string {
  if (service === null) return path;
  return `${path}${path.includes('?') ? '&' : '?'}${new URLSearchParams({ service })}`;
}

import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/*
 * A client that behaves as a balancer without any other word of a stop than the answers of /health/ready. It keeps its
 * connections open, and sends until a probe is answered with something else than 200.
 */

const CONNECTIONS = 8;
const PROBE_INTERVAL_MS = 50;

export interface SentRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string;
}

export interface BalancerClient {
  /** How many requests were answered so far. */
  readonly answered: number;
  /** What happened to requests that got no answer below 500, and to a probe: for example ECONNREFUSED. */
  readonly failures: readonly string[];
  /** Resolves when it has stopped sending and the last request has ended. Returns the status of the last probe. */
  readonly stopped: Promise<number>;
}

export function startBalancerClient(url: string, sent: SentRequest): BalancerClient {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const failures: string[] = [];
  let answered = 0;
  let isReady = true;
  const send = async () => {
    while (isReady) {
      const outcome = await statusOf(url, sent, agent).catch(({ code, message }) => code ?? message);
      if (typeof outcome === 'number' && outcome < 500) answered++;
      else failures.push(`${sent.method} ${sent.path}: ${outcome}`);
      if (outcome === 'ECONNREFUSED') return;
    }
  };
  const probe = async () => {
    for (;;) {
      const status = await statusOf(url, { method: 'GET', path: '/health/ready' }).catch(({ code }) => code);
      if (status === 200) await sleep(PROBE_INTERVAL_MS);
      else {
        isReady = false;
        if (status !== 503) failures.push(`probe: ${status}`);
        return status;
      }
    }
  };
  const stopped = Promise.all([probe(), ...Array.from({ length: CONNECTIONS }, send)]).then(([status]) => {
    agent.destroy();
    return status;
  });
  return {
    get answered() {
      return answered;
    },
    failures,
    stopped,
  };
}

async function statusOf(
  url: string,
  { method, path, body }: SentRequest,
  agent: Agent | false = false,
): Promise<number> {
  const headers = body === undefined ? {} : { 'content-type': 'application/json' };
  const outgoing = request(`${url}${path}`, { method, headers, agent });
  outgoing.end(body);
  const [response] = await once(outgoing, 'response');
  for await (const _ of response); // to its end, so that the connection is free again
  return response.statusCode;
}

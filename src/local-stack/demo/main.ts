import { setTimeout as sleep } from 'node:timers/promises';
import { loadLocalStackConfig } from '../../shared/config.ts';
import { createLogger } from '../../shared/service/logging.ts';
import { closeOnSignal, exitOnUncaughtError } from '../../shared/service/shutdown.ts';
import { awaitStopSignal } from '../../shared/service/stop-signals.ts';
import { type DemoRequest, DemoTraffic } from './traffic.ts';

const [, , orchestrator, workers] = process.argv;
if (orchestrator === undefined || workers === undefined) {
  throw new Error('expected two arguments: the URL of the orchestrator and the URL of the workers');
}
const { API_TOKEN, METRICS_TOKEN } = loadLocalStackConfig();
const headersFor = (token: string | undefined) => ({
  'user-agent': 'asdlc-demo',
  ...(token !== undefined && { authorization: `Bearer ${token}` }),
});
const targets = {
  orchestrator: { origin: orchestrator, headers: headersFor(API_TOKEN) },
  workers: { origin: workers, headers: headersFor(METRICS_TOKEN) },
};
const logger = createLogger({ service: 'asdlc-demo', level: 'info' });
const traffic = new DemoTraffic();
let isReachable = true;

exitOnUncaughtError(logger);
closeOnSignal(awaitStopSignal(), [], logger, 1_000);
logger.info({ orchestrator, workers }, 'demo traffic started');
for (;;) {
  const { requests, pauseMs } = traffic.next();
  await Promise.all(requests.map(send));
  await sleep(pauseMs);
}

async function send({ to, method, path, body }: DemoRequest): Promise<void> {
  const { origin, headers } = targets[to];
  try {
    const response = await fetch(`${origin}${path}`, {
      method,
      headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(10_000),
    });
    const accepted = (await response.json().catch(() => undefined)) as { id?: unknown } | undefined; // checked below
    if (response.status === 202 && typeof accepted?.id === 'string') traffic.remember(accepted.id);
    logReachability(true);
  } catch (error) {
    logReachability(false, error);
  }
}

/** Logs one line when a service becomes unreachable, and one when requests succeed again. */
function logReachability(reachable: boolean, error?: unknown): void {
  if (reachable === isReachable) return;
  isReachable = reachable;
  if (reachable) logger.info('demo traffic reaches the services again');
  else logger.warn({ error }, 'demo traffic cannot reach a service');
}

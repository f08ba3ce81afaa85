import { setTimeout as sleep } from 'node:timers/promises';
import { loadLocalStackConfig } from '../shared/config.ts';
import { createLogger } from '../shared/service/logging.ts';
import { closeOnSignal, exitOnUncaughtError } from '../shared/service/shutdown.ts';
import { type DemoRequest, DemoTraffic } from './demo-traffic.ts';

const [, , orchestrator, workers] = process.argv;
if (orchestrator === undefined || workers === undefined) {
  throw new Error('expected the URLs of orchestrator and workers as arguments');
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
let isAnswered = true;

exitOnUncaughtError(logger);
closeOnSignal([], logger, 1_000);
logger.info({ orchestrator, workers }, 'demo traffic is on');
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
    const answer = (await response.json().catch(() => undefined)) as { id?: unknown } | undefined; // looked at below
    if (response.status === 202 && typeof answer?.id === 'string') traffic.remember(answer.id);
    told(true);
  } catch (error) {
    told(false, error);
  }
}

/** One line when a service goes away, one when all is well again. */
function told(answered: boolean, error?: unknown): void {
  if (answered === isAnswered) return;
  isAnswered = answered;
  if (answered) logger.info('the services answer again');
  else logger.warn({ error }, 'a service does not answer');
}

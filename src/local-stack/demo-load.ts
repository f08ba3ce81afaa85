import { setTimeout as sleep } from 'node:timers/promises';
import { loadLocalStackConfig } from '../shared/config.ts';
import { createLogger } from '../shared/logging.ts';
import { closeOnSignal } from '../shared/shutdown.ts';
import { type DemoRequest, DemoTraffic } from './demo-traffic.ts';

const [, , origin] = process.argv;
if (origin === undefined) throw new Error('expected the orchestrator’s URL as the only argument');
const { API_TOKEN } = loadLocalStackConfig();
const headers = {
  'user-agent': 'asdlc-demo',
  ...(API_TOKEN !== undefined && { authorization: `Bearer ${API_TOKEN}` }),
};
const logger = createLogger({ service: 'asdlc-demo', level: 'info' });
const traffic = new DemoTraffic();
let isAnswered = true;

closeOnSignal([], logger, 1_000);
logger.info({ origin }, 'demo traffic is on');
for (;;) {
  const { requests, pauseMs } = traffic.next();
  await Promise.all(requests.map(send));
  await sleep(pauseMs);
}

async function send({ method, path, body }: DemoRequest): Promise<void> {
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

/** One line when the orchestrator goes away, one when it is back. */
function told(answered: boolean, error?: unknown): void {
  if (answered === isAnswered) return;
  isAnswered = answered;
  if (answered) logger.info('the orchestrator answers again');
  else logger.warn({ error }, 'the orchestrator does not answer');
}

import { post, request } from '../../support/http.ts';
import type { Scope } from '../../support/scope.ts';

const SUBMIT_MS = 40;
const BATCH_MS = 2_000;
const READ_MS = 1_000;

/** How many tasks were accepted, and how many requests did not get the status that they should. */
export interface MixedLoad {
  accepted: number;
  unexpected: number;
}

function taskOf(count: number): object {
  if (count % 20 === 0) return { event_type: 'fail', max_attempts: 2 };
  if (count % 10 === 0) return { event_type: 'fail.once' };
  if (count % 7 === 0) return { event_type: 'slow', payload: { ms: 50 } };
  if (count % 6 === 0) return { event_type: 'echo', delay_ms: 500 };
  return { event_type: 'echo', payload: { count }, priority: count % 3 };
}

/** What an operator's page, a scraper and a confused client ask for. */
const READS: readonly [path: string, status: number][] = [
  ['/openapi.json', 200],
  ['/metrics', 200],
  ['/api/queue', 200],
  ['/api/tasks?limit=50', 200],
  ['/api/tasks?status=dead&event_type=fail', 200],
  ['/api/metrics/services', 200],
  ['/api/metrics/panels/events_rate?range=5m&width=200', 200],
  ['/api/metrics/query?query=up', 200],
  ['/api/metrics/query?query=up[', 400],
  ['/api/tasks/none', 404],
  ['/no/such/page', 404],
];

/** Submits tasks of every kind, and reads, at a steady pace until the scope ends. */
export function startMixedLoad(scope: Scope, url: string): MixedLoad {
  const load: MixedLoad = { accepted: 0, unexpected: 0 };
  const expect = async (answer: Promise<{ status: number }>, status: number, tasks = 0) => {
    const got = await answer.then((response) => response.status).catch(() => 0);
    if (got === status) load.accepted += tasks;
    else load.unexpected++;
  };
  let count = 0;
  const submit = () => {
    count++;
    const headers: Record<string, string> = count % 3 === 0 ? { 'idempotency-key': `soak-${count}` } : {};
    void expect(post(`${url}/api/tasks`, taskOf(count), headers), 202, 1);
    if (count % 50 === 0) void expect(post(`${url}/api/tasks`, { event_type: 'Not a name' }), 400);
  };
  const submitBatch = () => {
    const tasks = Array.from({ length: 30 }, (_, i) => ({ event_type: 'echo', payload: i }));
    void expect(post(`${url}/api/tasks/batch`, { tasks }), 202, tasks.length);
  };
  const read = () => {
    for (const [path, status] of READS) void expect(request(`${url}${path}`), status);
  };
  const timers = [
    setInterval(submit, SUBMIT_MS),
    setInterval(submitBatch, BATCH_MS),
    setInterval(read, READ_MS),
  ];
  scope.after(() => {
    for (const timer of timers) clearInterval(timer);
  });
  return load;
}

import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import type { Scope } from './scope.ts';

/*
 * A client that behaves, in a thread of its own: the test beside it may be busy with bodies of megabytes. Every 20 ms it
 * asks for /health/live and submits a small task, whether or not the earlier answers have come.
 */

const INTERVAL_MS = 20;
const LIMIT_MS = 30_000;
const TASK = JSON.stringify({ event_type: 'healthy', payload: { small: true } });

export interface HealthyReport {
  readonly count: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** What was answered otherwise than with 200 and 202, and how often. */
  readonly failures: Readonly<Record<string, number>>;
}

export interface HealthyClient {
  /** What happened since the last report, or the start. */
  report(): Promise<HealthyReport>;
}

/** Starts a client of a service. Workers take no tasks over HTTP: there it only asks for their health. */
export async function startHealthyClient(
  scope: Scope,
  url: string,
  { submits = true } = {},
): Promise<HealthyClient> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { url, submits } });
  scope.after(() => worker.terminate());
  await once(worker, 'message'); // its first answer
  return {
    report: async () => {
      worker.postMessage('report');
      const [report] = (await once(worker, 'message')) as [HealthyReport];
      return report;
    },
  };
}

interface Asked {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly expected: number;
  readonly body?: string;
}

class Client {
  readonly #agent = new Agent({ keepAlive: true });
  readonly #url: string;
  #times: number[] = [];
  #failures: Record<string, number> = {};

  constructor(url: string) {
    this.#url = url;
  }

  async ask(asked: Asked): Promise<void> {
    const startedAt = performance.now();
    const outcome = await this.#send(asked).catch(
      (error: NodeJS.ErrnoException) => error.code ?? error.message,
    );
    this.#times.push(performance.now() - startedAt);
    if (outcome === asked.expected) return;
    const what = `${asked.method} ${asked.path}: ${outcome}`;
    this.#failures[what] = (this.#failures[what] ?? 0) + 1;
  }

  takeReport(): HealthyReport {
    const sorted = this.#times.toSorted((a, b) => a - b);
    const failures = this.#failures;
    [this.#times, this.#failures] = [[], {}];
    return {
      count: sorted.length,
      p99Ms: sorted[Math.ceil(sorted.length * 0.99) - 1] ?? 0,
      maxMs: sorted.at(-1) ?? 0,
      failures,
    };
  }

  async #send({ method, path, body }: Asked): Promise<number | undefined> {
    const signal = AbortSignal.timeout(LIMIT_MS);
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const sent = request(`${this.#url}${path}`, { method, headers, agent: this.#agent, signal });
    sent.end(body);
    const [response] = await once(sent, 'response');
    for await (const _ of response); // the time ends with the last byte
    return response.statusCode;
  }
}

async function poll(url: string, submits: boolean): Promise<void> {
  const client = new Client(url);
  const askAll = () => {
    const live = client.ask({ method: 'GET', path: '/health/live', expected: 200 });
    if (!submits) return live;
    return Promise.all([live, client.ask({ method: 'POST', path: '/api/tasks', body: TASK, expected: 202 })]);
  };
  await askAll();
  parentPort?.postMessage('ready');
  parentPort?.on('message', () => parentPort?.postMessage(client.takeReport()));
  for (;;) {
    void askAll();
    await sleep(INTERVAL_MS);
  }
}

if (!isMainThread && workerData?.url !== undefined) void poll(workerData.url, workerData.submits);

import { until } from './until.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // A JSON body of any shape: tests look only at what they expect.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly body: any;
}

export async function request(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, init);
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') && text !== '';
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}

export function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  return request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

/** Submits a task, waits until it has one of the given states, and returns it. */
export async function runTask(url: string, task: unknown, states = ['completed', 'dead'], limitMs = 15_000) {
  const { status, body } = await post(`${url}/api/tasks`, task);
  if (status !== 202) throw new Error(`expected 202; got ${status} ${JSON.stringify(body)}`);
  return taskIn(url, body.id, states, limitMs);
}

export function taskIn(url: string, id: string, states: readonly string[], limitMs = 15_000) {
  return until(
    `task ${id} is ${states.join(' or ')}`,
    async () => {
      const { body } = await request(`${url}/api/tasks/${id}`);
      return states.includes(body.status) && body;
    },
    limitMs,
  );
}

/** Returns the value of the one sample with this name and these labels, undefined when there is none. */
export async function sample(
  url: string,
  name: string,
  labels: Record<string, string> = {},
): Promise<number | undefined> {
  const { body } = await request(`${url}/metrics`);
  return findSample(body, name, labels);
}

/** Returns the sum of all samples with this name and these labels; 0 when there is none. */
export async function sum(url: string, name: string, labels: Record<string, string> = {}): Promise<number> {
  const { body } = await request(`${url}/metrics`);
  return sumSamples(body, name, labels);
}

export function findSample(text: string, name: string, labels: Record<string, string>): number | undefined {
  const lines = linesOf(text, name, labels);
  if (lines.length > 1) throw new Error(`expected one sample of ${name}; got ${lines.join(' | ')}`);
  return lines[0] === undefined ? undefined : sampleValue(lines[0]);
}

/** Returns the sum of all samples with this name and these labels; 0 when there is none. */
export function sumSamples(text: string, name: string, labels: Record<string, string> = {}): number {
  return linesOf(text, name, labels).reduce((sum, line) => sum + sampleValue(line), 0);
}

function linesOf(text: string, name: string, labels: Record<string, string>): string[] {
  const wanted = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
  return text.split('\n').filter((line) => {
    return (
      (line.startsWith(`${name}{`) || line.startsWith(`${name} `)) &&
      wanted.every((label) => line.includes(label))
    );
  });
}

const sampleValue = (line: string) => Number(line.slice(line.lastIndexOf(' ') + 1));

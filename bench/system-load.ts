import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import type { RunningServer } from '../tests/support/processes.ts';

/** What benchmarks of the running services have in common. */

export const SENDERS = 16;

export const agent = new Agent({ connections: SENDERS });

export const task = { event_type: 'echo', payload: { invoice: 'A-17', amount: 20 } };

/** Compiles the services into dist, as they are deployed. */
export function compileServices(): void {
  const script = join(import.meta.dirname, '../scripts/build-package.ts');
  execFileSync(process.execPath, [script], { stdio: ['ignore', 2, 2] });
}

export function residentMb({ child }: RunningServer): number {
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1000;
}

export async function send(url: string, body?: unknown): Promise<void> {
  const response = await request(url, {
    dispatcher: agent,
    method: 'POST',
    ...(body !== undefined && {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  });
  await response.body.dump();
  if (response.statusCode > 202) throw new Error(`expected 200 or 202; got ${response.statusCode}`);
}

/** Sends that many requests, some at once. */
export async function sendAll(count: number, url: string, body: unknown): Promise<void> {
  let left = count;
  const sender = async () => {
    while (left-- > 0) await send(url, body);
  };
  await Promise.all(Array.from({ length: SENDERS }, sender));
}

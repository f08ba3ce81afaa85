import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { REPOSITORY, startOrchestrator, startRedis, temporaryFolder } from './processes.ts';
import { adminOf } from './redis-servers.ts';
import type { Scope } from './scope.ts';

/** A note that a handler began an attempt, ended it well, or failed it. */
export interface Run {
  readonly what: 'start' | 'end' | 'fail';
  readonly id: string;
  readonly pid: number;
  readonly atMs: number;
}

export interface RunLog {
  /** Variables for workers whose handlers write the notes: see noted-handlers.ts and throwing-handlers.ts. */
  readonly env: { readonly WORKER_HANDLERS: string; readonly RUNS_FILE: string };
  read(what: Run['what']): Run[];
  /** Returns how many attempts of the task began. */
  starts(id: string): number;
}

/** Redis, an orchestrator with `env`, and the notes of the workers that get `runs.env`. */
export interface NotedSystem {
  readonly url: string;
  readonly redisUrl: string;
  readonly admin: Redis;
  readonly runs: RunLog;
}

export async function startNotedSystem(scope: Scope, env: NodeJS.ProcessEnv = {}): Promise<NotedSystem> {
  const [runs, { url: redisUrl }] = await Promise.all([createRunLog(scope), startRedis(scope)]);
  const { url } = await startOrchestrator(scope, { REDIS_URL: redisUrl, ...env });
  return { url, redisUrl, admin: adminOf(scope, redisUrl), runs };
}

export async function createRunLog(scope: Scope, module = 'noted-handlers.ts'): Promise<RunLog> {
  const file = join(await temporaryFolder(scope), 'runs');
  const runs: Run[] = [];
  const starts = new Map<string, number>();
  let bytesRead = 0;
  /** Tests ask for each of a thousand tasks: only what is new is read again. */
  const readNew = () => {
    if (!existsSync(file) || statSync(file).size === bytesRead) return;
    const added = readFileSync(file).subarray(bytesRead);
    const whole = added.subarray(0, added.lastIndexOf('\n') + 1);
    bytesRead += whole.length;
    for (const line of whole.toString().split('\n').slice(0, -1)) {
      const run: Run = JSON.parse(line);
      runs.push(run);
      if (run.what === 'start') starts.set(run.id, (starts.get(run.id) ?? 0) + 1);
    }
  };
  return {
    env: { WORKER_HANDLERS: join(REPOSITORY, 'tests/support', module), RUNS_FILE: file },
    read: (what) => {
      readNew();
      return runs.filter((run) => run.what === what);
    },
    starts: (id) => {
      readNew();
      return starts.get(id) ?? 0;
    },
  };
}

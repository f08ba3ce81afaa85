import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY, temporaryFolder } from './processes.ts';
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

export async function createRunLog(scope: Scope, module = 'noted-handlers.ts'): Promise<RunLog> {
  const file = join(await temporaryFolder(scope), 'runs');
  const read = (what: Run['what']) => {
    const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
    return lines.map((line): Run => JSON.parse(line)).filter((run) => run.what === what);
  };
  return {
    env: { WORKER_HANDLERS: join(REPOSITORY, 'tests/support', module), RUNS_FILE: file },
    read,
    starts: (id) => read('start').filter((run) => run.id === id).length,
  };
}

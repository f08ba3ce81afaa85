import { spawn } from 'node:child_process';
import type { StatsFs } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { findHandlers } from '../../shared/handlers-module.ts';
import { programPath } from '../../shared/package.ts';
import { oneLine } from '../terminal/visible-text.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

const GIB = 2 ** 30;
const LITTLE_BYTES = 2 * GIB;
const TOO_LITTLE_BYTES = GIB / 4;
const LOAD_LIMIT_MS = 30_000;

export function checkNode(): Finding {
  return ok('Node', process.versions.node); // an older one does not come so far
}

/** Checks the disk that has the folder, which may not exist yet. */
export async function checkDisk(folder: string): Promise<Finding> {
  const { bavail, bsize } = await statfsOf(resolve(folder));
  const freeBytes = bavail * bsize;
  const found = `${(freeBytes / GIB).toFixed(1)} GiB free at ${folder}`;
  const advice =
    'Free some space: Redis stops taking tasks when it cannot write, and VictoriaMetrics samples.';
  if (freeBytes < TOO_LITTLE_BYTES) return problem('Disk', found, advice);
  return freeBytes < LITTLE_BYTES ? warning('Disk', found, advice) : ok('Disk', found);
}

async function statfsOf(path: string): Promise<StatsFs> {
  return statfs(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' && dirname(path) !== path) return statfsOf(dirname(path));
    throw error;
  });
}

/** Loads the handlers as the workers do, in a process of their own: their code may do anything. */
export async function checkHandlers(given: string | undefined): Promise<Finding> {
  const { path, isShipped } = findHandlers(given);
  const child = spawn(process.execPath, [programPath('workers/check-handlers'), path], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LOAD_LIMIT_MS,
  });
  const ended = new Promise<number | null>((done) => child.once('close', done));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  const types = code === 0 ? out.trimEnd().split('\n').at(-1) : undefined;
  if (types !== undefined) {
    return ok('Handlers', `${isShipped ? 'the example handlers' : path}: ${types}`);
  }
  const reason =
    code === null ? `it takes longer than ${LOAD_LIMIT_MS / 1000} s` : oneLine(err || `exit code ${code}`);
  return problem('Handlers', reason, 'Correct the module, or set WORKER_HANDLERS to another one.');
}

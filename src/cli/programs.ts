import { spawnSync } from 'node:child_process';
import { packagePath, programPath, START_COMMAND } from '../shared/package.ts';
import { EXIT } from './exit-codes.ts';

/** Commands that are programs of their own, with their own handlers of signals. */
const PROGRAMS = { start: 'local-stack/main', orchestrator: 'orchestrator/main', workers: 'workers/main' };
type ProgramName = keyof typeof PROGRAMS;

export function isProgram(name: string): name is ProgramName {
  return Object.hasOwn(PROGRAMS, name);
}

/**
 * Loads the program into this process, so that it gets the signals of a supervisor itself. Returns an exit code when it
 * cannot be started.
 */
export async function startProgram(name: ProgramName, args: readonly string[]): Promise<number | undefined> {
  if (name === 'start' && !installPrograms()) return EXIT.failed;
  const path = programPath(PROGRAMS[name]);
  process.argv = [process.execPath, path, ...args];
  await import(path);
  return undefined;
}

/** Installs Redis and VictoriaMetrics where they are missing, or says how. It asks first. */
function installPrograms(): boolean {
  const script = packagePath('scripts/bootstrap.sh');
  const { status } = spawnSync('sh', [script, 'programs', START_COMMAND], { stdio: 'inherit' });
  return status === 0;
}

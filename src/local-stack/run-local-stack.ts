import { isNpmOption, type LocalStackConfig, loadLocalStackConfig } from '../shared/config.ts';
import { AsdlcError } from '../shared/errors.ts';
import { describeUnknownVariables } from '../shared/service/unknown-variables.ts';
import { isDiskFull } from './command-line/errors.ts';
import { parseOptions, usage } from './command-line/options.ts';
import { createTerminal, type Terminal } from './command-line/terminal.ts';
import { ProcessSupervisor } from './process-supervisor.ts';
import { DataFolder } from './processes/data-folder.ts';
import { stopLeftovers } from './processes/leftover-processes.ts';
import { startInOrder } from './start-order.ts';
import { startSummary } from './start-summary.ts';

/** Runs the local stack until it ends or `stop` aborts. Returns the exit code: 0 when the user stopped it. */
export async function runLocalStack(args: readonly string[], stop: AbortSignal): Promise<number> {
  const terminal = createTerminal(process.stdout, process.stderr);
  try {
    const { demo, help } = parseOptions(args, isNpmOption);
    if (help) {
      terminal.line(usage);
      return 0;
    }
    const config = loadLocalStackConfig();
    for (const text of describeUnknownVariables()) terminal.warning(text);
    const folder = new DataFolder(config.ASDLC_DATA_DIR);
    process.on('exit', () => folder.release());
    await stopLeftovers(folder, terminal, stop);
    return await startAndWatch(folder, config, demo, terminal, stop);
  } catch (error) {
    return report(error, terminal);
  }
}

async function startAndWatch(
  folder: DataFolder,
  config: LocalStackConfig,
  demo: boolean,
  terminal: Terminal,
  stop: AbortSignal,
): Promise<number> {
  const startedAt = performance.now();
  const supervisor = new ProcessSupervisor(folder, terminal, stop);
  process.on('exit', () => supervisor.kill());
  try {
    const addresses = await startInOrder(supervisor, folder, config, demo);
    terminal.line(await startSummary(addresses, folder, config, { demo, startedAt }));
    return await supervisor.ended();
  } catch (error) {
    return report(error, terminal);
  } finally {
    await supervisor.stop();
  }
}

/** Prints why the stack ends and returns the exit code. Only an error in the code of asdlc has a stack trace. */
function report(error: unknown, terminal: Terminal): number {
  if (error instanceof AsdlcError && error.code === 'ASDLC_INTERRUPTED') return 0;
  const { syscall, message, stack } = error as NodeJS.ErrnoException; // `syscall`: errors of the system have one
  if (isDiskFull(error)) terminal.problem(`The disk is full: ${message}. Free some space, then start again.`);
  else if (error instanceof AsdlcError || syscall !== undefined) terminal.problem(message);
  else terminal.problem(stack ?? String(error));
  return 1;
}

import { type LocalStackConfig, loadLocalStackConfig } from '../shared/config.ts';
import { AsdlcError } from '../shared/errors.ts';
import { parseOptions, usage } from './command-line/options.ts';
import { onStopSignals } from './command-line/stop-signals.ts';
import { createTerminal } from './command-line/terminal.ts';
import { ProcessSupervisor } from './process-supervisor.ts';
import { DataFolder } from './processes/data-folder.ts';
import { stopLeftovers } from './processes/leftover-processes.ts';
import { startInOrder } from './start-order.ts';
import { startSummary } from './start-summary.ts';

const terminal = createTerminal(process.stdout, process.stderr);
process.exit(await run().catch(report));

async function run(): Promise<number> {
  const { demo, help } = parseOptions(process.argv.slice(2));
  if (help) {
    terminal.line(usage);
    return 0;
  }
  const config = loadLocalStackConfig();
  const folder = new DataFolder(config.ASDLC_DATA_DIR);
  process.on('exit', () => folder.release());
  await stopLeftovers(folder, terminal);
  return runStack(folder, config, demo);
}

/** Returns the exit code: 0 when the user stopped the stack. */
async function runStack(folder: DataFolder, config: LocalStackConfig, demo: boolean): Promise<number> {
  const startedAt = performance.now();
  const supervisor = new ProcessSupervisor(folder, terminal);
  process.on('exit', () => supervisor.kill());
  onStopSignals(
    () => supervisor.interrupt(),
    () => process.exit(1),
  );
  try {
    const addresses = await startInOrder(supervisor, folder, config, demo);
    terminal.line(await startSummary(addresses, folder, config, { demo, startedAt }));
    return await supervisor.ended();
  } catch (error) {
    return report(error);
  } finally {
    await supervisor.stop();
  }
}

function report(error: unknown): number {
  if (error instanceof AsdlcError && error.code === 'ASDLC_INTERRUPTED') return 0;
  terminal.problem(error instanceof AsdlcError ? error.message : String((error as Error).stack ?? error));
  return 1;
}

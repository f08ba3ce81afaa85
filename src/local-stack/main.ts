import { type LocalStackConfig, loadLocalStackConfig } from '../shared/config.ts';
import { AsdlcError } from '../shared/errors.ts';
import { DataFolder } from './data-folder.ts';
import { stopLeftovers } from './leftover.ts';
import { parseOptions, usage } from './options.ts';
import { startParts } from './parts.ts';
import { onStopSignals } from './signals.ts';
import { Stack } from './stack.ts';
import { summary } from './summary.ts';
import { createTerminal } from './terminal.ts';

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

/** Returns the exit code: 0 when the user ended it. */
async function runStack(folder: DataFolder, config: LocalStackConfig, demo: boolean): Promise<number> {
  const startedAt = performance.now();
  const stack = new Stack(folder, terminal);
  process.on('exit', () => stack.kill());
  onStopSignals(
    () => stack.interrupt(),
    () => process.exit(1),
  );
  try {
    const addresses = await startParts(stack, folder, config, demo);
    terminal.line(await summary(addresses, folder, config, { demo, startedAt }));
    return await stack.ended();
  } catch (error) {
    return report(error);
  } finally {
    await stack.stop();
  }
}

function report(error: unknown): number {
  if (error instanceof AsdlcError && error.code === 'ASDLC_INTERRUPTED') return 0;
  terminal.problem(error instanceof AsdlcError ? error.message : String((error as Error).stack ?? error));
  return 1;
}

import { watchStopSignals } from './command-line/stop-signals.ts';

// The handlers come before the rest of the program is loaded. As process 1 of a container, the stack would never
// see a signal that comes before its handler: the kernel drops it.
const stop = watchStopSignals();
const { runLocalStack } = await import('./run-local-stack.ts');
process.exit(await runLocalStack(process.argv.slice(2), stop));

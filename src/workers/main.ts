import { awaitStopSignal } from '../shared/service/stop-signals.ts';

// The handlers come before the rest of the program is loaded, which takes half a second: see awaitStopSignal.
const stop = awaitStopSignal();
const { runWorkers } = await import('./run-workers.ts');
await runWorkers(stop);

import { orExit } from '../shared/service/startup.ts';
import { loadHandlers } from './load-handlers.ts';

/*
 * `node check-handlers.ts MODULE` loads a module of handlers as the workers do. It prints their event types, or what is
 * wrong. The last line counts: the module may print too.
 */

const { handlers } = await orExit(() => loadHandlers(process.argv[2] ?? ''));
process.stdout.write(`\n${Object.keys(handlers).join(', ')}\n`, () => process.exit(0)); // a timer may be left

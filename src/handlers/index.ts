import type { Handlers } from '../workers/handler.ts';

/* The entry `asdlc/handlers` of the package: what a module of handlers and its tests import. */

export type { HandlerSettings, Handlers, TaskContext, TaskHandler } from '../workers/handler.ts';
export { createTestContext, type LoggedLine, type TestContext, type TestTask } from './test-context.ts';

/** Returns the handlers as they are: with it their types are checked, and kept for `createClient<typeof handlers>`. */
export function defineHandlers<const H extends Handlers>(handlers: H): H {
  return handlers;
}
